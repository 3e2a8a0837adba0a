// The process that computes features: spoken to by ../extraction-host.ts, through the protocol beside it.
import { failureData } from '../../../shared/domain/failure'
import { fileFailure } from '../../datasets'
import { owner } from '../../processes/owner'
import { toExtraction } from '../protocol'
import type { FromExtraction, ToExtraction } from '../protocol'
import { extract, probe } from './extraction'

let isStopped = false
/** Progress is sent so often at most. */
const TELL_EVERY_MS = 200

const starter = owner()
const send = (message: FromExtraction): Promise<void> => starter.send(message)

async function answer(order: ToExtraction): Promise<void> {
  switch (order.type) {
    case 'stop':
      isStopped = true
      return
    case 'probe':
      await send({ type: 'facts', facts: await probe(order) })
      return starter.leave(0)
    case 'extract': {
      let sent = 0
      const isComplete = await extract(
        order,
        () => isStopped,
        (blocks) => {
          if (performance.now() - sent < TELL_EVERY_MS) return
          sent = performance.now()
          void send({ type: 'progress', blocks })
        }
      ).catch((error: unknown) => {
        throw fileFailure(error, order.target)
      })
      await send({ type: 'done', isComplete })
      return starter.leave(0)
    }
  }
}

starter.onMessage((raw) => {
  answer(toExtraction.parse(raw)).catch(async (error: unknown) => {
    const failure = failureData(error)
    if (failure.code === 'internal' && error instanceof Error) process.stderr.write(`${error.stack}\n`)
    await send({ type: 'failed', failure })
    starter.leave(1)
  })
})

process.stderr.on('error', () => undefined)
// Its owner is gone, or the whole group of processes is to end: keep what is done.
starter.onGone(() => (isStopped = true))
for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.on(signal, () => (isStopped = true))
