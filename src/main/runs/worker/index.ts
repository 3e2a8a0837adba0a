// The training process: spoken to by src/main/runs/worker-host.ts, through the protocol beside it.
import path from 'node:path'
import { failureData } from '../../../shared/domain/failure'
import { RunPaused } from '../../../engine/tasks/shared/task-run'
import { owner } from '../../processes/owner'
import { DatasetStore, locatePinned } from '../../datasets'
import { keepTemporaryFilesTogether } from '../../locks'
import { toWorker } from '../protocol'
import type { FromWorker, ToWorker } from '../protocol'
import { diagnoseHere } from './diagnose'
import { RunControl } from './run-control'
import { trainFolder } from './train-folder'
import { trainTask } from './train-task'
import { openInputs } from './open-inputs'
import { backendFor } from './backend-for'
import { checkTask, planRun, warningsOf } from './task-table'

const control = new RunControl()

/** How long the owner of a run may take to say what Ctrl-C means. */
const OWNER_DECIDES_MS = 2000

const starter = owner()
const send = (message: FromWorker): Promise<void> => starter.send(message)

async function answer(message: ToWorker): Promise<void> {
  switch (message.type) {
    case 'pause':
      return control.want('pause')
    case 'cancel':
      return control.want('cancel')
    case 'diagnose':
      await send({ type: 'diagnosis', diagnosis: await diagnoseHere(message.backend) })
      return starter.leave(0)
    case 'validate': {
      const inputs = await openInputs(message.spec, message.workspace)
      try {
        await checkTask(inputs.selections, message.spec)
        const { selections } = inputs
        const plan = planRun(selections, message.spec)
        await send({ type: 'valid', plan: { ...plan, warnings: warningsOf(selections, message.spec) } })
        // While the run is recorded; what does not load is told when it starts.
        if (message.stays) void backendFor(message.spec, inputs.selections).catch(() => undefined)
      } finally {
        inputs.close()
      }
      return message.stays ? undefined : starter.leave(0)
    }
    case 'locate': {
      const store = new DatasetStore(path.join(message.workspace, 'datasets'))
      await send({ type: 'located', data: await locatePinned(store, message.spec) })
      return starter.leave(0)
    }
    case 'start': {
      keepTemporaryFilesTogether()
      const report = await trainTask(message, control, (event) => void send(event))
      await send({ type: 'done', report })
      return starter.leave(0)
    }
  }
}

starter.onMessage((raw) => {
  answer(toWorker.parse(raw)).catch(async (error: unknown) => {
    if (error instanceof RunPaused) {
      await send({ type: 'paused' })
      return starter.leave(0)
    }
    const failure = failureData(error)
    if (failure.code === 'internal' && error instanceof Error) process.stderr.write(`${error.stack}\n`)
    await send({ type: 'failed', failure })
    starter.leave(1)
  })
})

// Nobody reads what it says on stderr when its owner is gone.
process.stderr.on('error', () => undefined)
// The owner is gone: keep what there is in a checkpoint and end.
starter.onGone(() => control.want('pause'))
// Batch systems and containers tell every process, and so does a terminal that closes.
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => control.want('pause'))
// Ctrl-C reaches the whole process group; the owner decides what it means and says so in a message. One that says
// nothing was not told: then it means a pause.
process.on('SIGINT', () => setTimeout(() => control.want('pause'), OWNER_DECIDES_MS).unref())

// Started on a run's folder, it has no owner to speak to: the folder is all it needs.
const [, , act, folder] = process.argv
if (act === 'train-run' && folder !== undefined) {
  keepTemporaryFilesTogether()
  void trainFolder(folder, control).then((code) => process.exit(code))
}
