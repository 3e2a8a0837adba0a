import { existsSync } from 'node:fs'
import path from 'node:path'
import { forgotten, killTrainers, resume, wakeTrainers } from './fault'
import type { Fault } from './fault'

/** Whoever follows the run is killed, or a person takes it back. */
export const COORDINATOR_FAULTS: readonly Fault[] = [
  {
    name: 'a second coordinator, then the first killed',
    times: 2,
    act: async (trial, run) => {
      await run.checkpointed()
      await trial.start('second')
      await trial.stop()
    },
    after: (trial) => trial.stop('SIGTERM', 'second')
  },
  {
    name: 'coordinator killed while it trains',
    times: 1,
    act: async (trial, run) => {
      await run.checkpointed()
      await trial.stop()
      await trial.start()
    }
  },
  {
    name: 'coordinator killed between sbatch and its answer',
    times: 1,
    act: async (trial, run) => {
      const folder = path.join(run.folder, 'submission')
      await run.until(() => existsSync(folder), 'a submission')
      await trial.stop()
      await trial.start()
    }
  },
  {
    name: 'pause while it trains, then resume',
    times: 2,
    act: async (trial, run) => {
      await run.checkpointed()
      // It must not end before whoever follows it next sees the wish.
      killTrainers(run, 'SIGSTOP')
      trial.workspace.store.move(run.id, 'pausing')
      await trial.stop()
      await trial.start()
      await run.until(() => existsSync(path.join(run.folder, 'wish.json')), 'the wish')
      wakeTrainers(run)
      await run.until(() => run.record.state === 'paused', 'paused')
      resume(trial, run)
    }
  },
  {
    name: 'cancelled while it waits, then resumed',
    times: 1,
    act: async (trial, run) => {
      trial.cluster.setPartition('down')
      await run.waiting()
      trial.workspace.store.requestCancel(run.id)
      await run.until(() => run.record.state === 'cancelled', 'cancelled')
      trial.cluster.setPartition('up')
      resume(trial, run)
    },
    after: ({ cluster }) => cluster.setPartition('up')
  },
  {
    name: 'cancelled by hand and forgotten by squeue before anyone looks; accounting says it',
    times: 1,
    needs: 'accounting',
    act: async (trial, run) => {
      await run.checkpointed()
      await trial.stop()
      await forgotten(trial, run, () => trial.cluster.slurm('scancel', run.job))
      await trial.start()
      await run.until(() => run.record.state === 'paused', 'paused')
      resume(trial, run)
    }
  },
  {
    name: 'killed and forgotten by squeue before anyone looks; accounting says it',
    times: 1,
    needs: 'accounting',
    act: async (trial, run) => {
      await run.checkpointed()
      await trial.stop()
      await forgotten(trial, run, () => killTrainers(run))
      await trial.start()
      await run.until(() => run.attempts > 1, 'a second attempt')
    }
  },
  {
    name: 'done and forgotten by squeue before anyone looks',
    times: 1,
    needs: 'accounting',
    act: async (trial, run) => {
      await run.checkpointed()
      await trial.stop()
      await forgotten(trial, run, () => undefined)
      await trial.start()
    }
  },
  {
    name: 'cancelled while it trains',
    times: 1,
    expected: 'cancelled',
    act: async (trial, run) => {
      await run.checkpointed()
      trial.workspace.store.requestCancel(run.id)
    }
  }
]
