import { existsSync } from 'node:fs'
import path from 'node:path'
import type { RunRecord } from '../../src/shared/domain/run'
import type { ClusterKind } from './cluster'
import { end, processesWith, stoppedTrainersOf, trainersOf } from './cluster'
import { pause } from './trial'
import type { Trial, TrialRun } from './trial'

/** Something that goes wrong with a run at a place. */
export interface Fault {
  readonly name: string
  readonly times: number
  /** Does it to a run that is queued, and what a person would do about it; the run is then waited for. */
  act(trial: Trial, run: TrialRun): Promise<void>
  /** Puts back what was broken. */
  after?(trial: Trial): void | Promise<void>
  readonly expected?: RunRecord['state']
  /** Only where the cluster has it. */
  readonly needs?: keyof ClusterKind
}

/** @returns the node that the run was on */
function killNode({ cluster }: Trial, run: TrialRun): string {
  const node = cluster.slurm('squeue', '--noheader', `--jobs=${run.job}`, '--format=%N')
  cluster.killNode(node, run.job)
  return node
}
const resume = ({ workspace }: Trial, { id }: TrialRun): void =>
  void workspace.store.move(id, 'queued', { scheduled: true, failure: null, endedAt: null })
const killTrainers = (run: TrialRun, signal: NodeJS.Signals = 'SIGKILL'): void =>
  trainersOf(run.folder).forEach((pid) => end(pid, signal))
const wakeTrainers = (run: TrialRun): void =>
  stoppedTrainersOf(run.folder).forEach((pid) => end(pid, 'SIGCONT'))
let deadNode = ''

/** Ends its job, and returns when squeue knows nothing of it any more: it forgets once a minute. */
async function forgotten({ cluster }: Trial, run: TrialRun, act: () => void): Promise<void> {
  const { job } = run
  act()
  await run.until(
    () => cluster.slurm('squeue', '--states=all', '--noheader', `--jobs=${job}`) === '',
    'forgotten'
  )
}

export const FAULTS: readonly Fault[] = [
  {
    name: 'shared disk full while it trains',
    times: 2,
    act: async ({ cluster }, run) => {
      await run.checkpointed()
      cluster.fillDisk()
      await run.until(() => run.record.phase?.startsWith('waiting for room') ?? false, 'no room')
      cluster.emptyDisk()
    },
    after: ({ cluster }) => cluster.emptyDisk()
  },
  {
    name: 'shared disk full when it is submitted',
    times: 1,
    act: async ({ cluster }, run) => {
      cluster.fillDisk()
      await run.until(() => run.record.phase?.startsWith('waiting for room') ?? false, 'no room')
      cluster.emptyDisk()
    },
    after: ({ cluster }) => cluster.emptyDisk()
  },
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
    name: 'slurmctld killed, back after 6 s',
    times: 1,
    act: async ({ cluster }, run) => {
      await run.checkpointed()
      await cluster.restartController(6000)
    }
  },
  {
    name: 'a process taken for dead wakes up beside its successor',
    times: 1,
    act: async ({ cluster }, run) => {
      await run.checkpointed()
      const [sleeper] = trainersOf(run.folder)
      killTrainers(run, 'SIGSTOP')
      // Its job alone ends: the process stays, as on a node that lost its network.
      cluster.slurm('scontrol', 'requeue', run.job)
      await run.until(() => run.attempts > 1, 'a second attempt')
      if (sleeper !== undefined) end(sleeper, 'SIGCONT')
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
    name: 'all processes of the job killed',
    times: 2,
    act: async (_, run) => {
      await run.checkpointed()
      processesWith((_command, environ) => environ.includes(`\0SLURM_JOB_ID=${run.job}\0`)).forEach((pid) =>
        end(pid)
      )
    }
  },
  {
    name: 'ssh refuses while it trains',
    times: 2,
    act: async ({ cluster }, run) => {
      await run.checkpointed()
      cluster.line('down')
      await pause(8000)
      cluster.line('down', false)
    }
  },
  {
    name: 'ssh refuses when it is submitted',
    times: 1,
    act: async ({ cluster }, run) => {
      cluster.line('down')
      await run.until(() => run.record.phase?.includes('cannot be reached') ?? false, 'unreachable')
      await pause(3000)
      cluster.line('down', false)
    }
  },
  {
    name: 'ssh hangs',
    times: 1,
    act: async ({ cluster }, run) => {
      await run.checkpointed()
      cluster.line('hang')
      await pause(3000)
      cluster.line('hang', false)
    }
  },
  {
    name: 'ssh takes 2 s for each command',
    times: 1,
    act: async ({ cluster }, run) => {
      cluster.line('slow')
      await run.checkpointed()
    },
    after: ({ cluster }) => cluster.line('slow', false)
  },
  {
    name: 'connection breaks off while results are fetched',
    times: 1,
    act: async ({ cluster }, run) => {
      await run.checkpointed()
      cluster.line('cut')
    },
    after: ({ cluster }) => cluster.line('cut', false)
  },
  {
    name: 'training process killed after a checkpoint',
    times: 3,
    act: async (_, run) => {
      await run.checkpointed()
      killTrainers(run)
    }
  },
  {
    name: 'training process killed before its first checkpoint',
    times: 1,
    act: async (_, run) => {
      await run.until(() => trainersOf(run.folder).length > 0, 'a process')
      killTrainers(run)
    }
  },
  {
    name: 'scancel by hand, then resumed',
    times: 2,
    act: async (trial, run) => {
      await run.checkpointed()
      trial.cluster.slurm('scancel', run.job)
      await run.until(() => run.record.state === 'paused', 'paused')
      resume(trial, run)
    }
  },
  {
    name: 'scontrol requeue',
    times: 2,
    act: async ({ cluster }, run) => {
      await run.checkpointed()
      cluster.slurm('scontrol', 'requeue', run.job)
    }
  },
  {
    name: 'node killed, with all that ran on it',
    times: 2,
    act: async (trial, run) => {
      await run.checkpointed()
      deadNode = killNode(trial, run)
    },
    after: ({ cluster }) => cluster.startNode(deadNode)
  },
  {
    name: 'warning before the time of the job is over',
    times: 2,
    act: async ({ cluster }, run) => {
      await run.checkpointed()
      cluster.slurm('scancel', '--signal=USR1', '--batch', run.job)
    }
  },
  {
    name: 'time of the job over (TimeLimit), while its process hangs',
    times: 1,
    act: async ({ cluster }, run) => {
      await run.checkpointed()
      killTrainers(run, 'SIGSTOP')
      cluster.slurm('scontrol', 'update', `JobId=${run.job}`, 'TimeLimit=1')
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
    name: 'its place removed while it trains',
    times: 1,
    act: async (trial, run) => {
      await run.checkpointed()
      trial.workspace.places.remove('two')
      await trial.stop()
      await trial.start()
    },
    after: (trial) => trial.savePlace()
  },
  {
    name: 'scontrol hold while it waits, then release',
    times: 1,
    act: async ({ cluster }, run) => {
      cluster.setPartition('down')
      await run.waiting()
      cluster.slurm('scontrol', 'hold', run.job)
      cluster.setPartition('up')
      await run.until(() => run.record.phase?.includes('(JobHeld') ?? false, 'said to be held')
      cluster.slurm('scontrol', 'release', run.job)
    },
    after: ({ cluster }) => cluster.setPartition('up')
  },
  {
    name: 'scontrol requeuehold while it trains, then release',
    times: 1,
    act: async ({ cluster }, run) => {
      await run.checkpointed()
      cluster.slurm('scontrol', 'requeuehold', run.job)
      await run.until(() => run.record.phase?.includes('held') ?? false, 'said to be held')
      cluster.slurm('scontrol', 'release', run.job)
    }
  },
  {
    name: 'its node thinks it is three days ago; killed and requeued there',
    times: 1,
    act: async (trial, run) => {
      trial.savePlace({ command: `env NODE_OPTIONS=--require=${trial.wrongClock()} ${trial.command}` })
      await run.checkpointed()
      trial.cluster.slurm('scontrol', 'requeue', run.job)
    },
    after: (trial) => trial.savePlace()
  },
  {
    name: 'its data at the place changed before it trains',
    times: 1,
    expected: 'failed',
    act: async (trial, run) => {
      trial.cluster.setPartition('down')
      await run.waiting()
      trial.damageData()
      trial.cluster.setPartition('up')
      await run.ended()
      const said = run.record.failure?.sentence
      if (!said?.startsWith('At two: The dataset')) throw new Error(`It is not said: ${said}`)
    },
    after: (trial) => {
      trial.cluster.setPartition('up')
      trial.forgetData()
    }
  },
  {
    name: 'login node switched off while it trains, on again after 10 s',
    times: 1,
    needs: 'realSsh',
    act: async ({ cluster }, run) => {
      await run.checkpointed()
      cluster.ssh?.stop()
      await run.until(() => run.record.phase?.includes('cannot be reached') ?? false, 'unreachable')
      await pause(10_000)
      cluster.ssh?.start()
    }
  },
  {
    name: 'login node switched off while the run is paused there',
    times: 1,
    needs: 'realSsh',
    act: async (trial, run) => {
      await run.checkpointed()
      killTrainers(run, 'SIGSTOP')
      trial.cluster.ssh?.stop()
      trial.workspace.store.move(run.id, 'pausing')
      await trial.stop()
      await trial.start()
      await pause(5000)
      trial.cluster.ssh?.start()
      await run.until(() => existsSync(path.join(run.folder, 'wish.json')), 'the wish')
      wakeTrainers(run)
      await run.until(() => run.record.state === 'paused', 'paused')
      resume(trial, run)
    }
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
