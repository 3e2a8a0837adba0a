import { killNode } from './fault'
import type { Fault } from './fault'

let deadNode = ''

/** What the cluster is made of: its disk, its nodes, its data. */
export const PLACE_FAULTS: readonly Fault[] = [
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
    name: 'slurmctld killed, back after 6 s',
    times: 1,
    act: async ({ cluster }, run) => {
      await run.checkpointed()
      await cluster.restartController(6000)
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
  }
]
