import { end, processesWith, trainersOf } from './cluster'
import { killTrainers, resume } from './fault'
import type { Fault } from './fault'

/** The job, its processes and its time. */
export const JOB_FAULTS: readonly Fault[] = [
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
  }
]
