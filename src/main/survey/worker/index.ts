// The process that surveys examples: spoken to by ../survey-host.ts, through the protocol beside it.
import { failureData } from '../../../shared/domain/failure'
import { owner } from '../../processes/owner'
import { toSurvey } from '../protocol'
import type { FromSurvey, ToSurvey } from '../protocol'
import { layOutByUmap } from './layout'
import { makeSurvey } from './survey'

const stop = new AbortController()
/** Progress is sent so often at most. */
const TELL_EVERY_MS = 200
let sentAt = 0

const starter = owner()
const send = (message: FromSurvey): Promise<void> => starter.send(message)

function tell(phase: string, done: number, total: number): void {
  if (performance.now() - sentAt < TELL_EVERY_MS) return
  sentAt = performance.now()
  void send({ type: 'progress', phase, done, total })
}

async function answer(order: ToSurvey): Promise<void> {
  if (order.type === 'stop') {
    stop.abort()
    return
  }
  if (order.type === 'survey') await makeSurvey(order, tell, stop.signal)
  else await layOutByUmap(order.folder, tell, stop.signal)
  await send({ type: 'done' })
  starter.leave(0)
}

starter.onMessage((raw) => {
  answer(toSurvey.parse(raw)).catch(async (error: unknown) => {
    const failure = failureData(error)
    if (failure.code === 'internal' && !stop.signal.aborted && error instanceof Error)
      process.stderr.write(`${error.stack}\n`)
    await send({ type: 'failed', failure })
    starter.leave(1)
  })
})

process.stderr.on('error', () => undefined)
// Its owner is gone: nobody waits for it.
starter.onGone(() => process.exit(1))
for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.on(signal, () => stop.abort())
