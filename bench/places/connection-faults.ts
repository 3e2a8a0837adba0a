import { existsSync } from 'node:fs'
import path from 'node:path'
import { pause } from './trial'
import { killTrainers, resume, wakeTrainers } from './fault'
import type { Fault } from './fault'

/** The way to the login node breaks off, hangs or is slow. */
export const CONNECTION_FAULTS: readonly Fault[] = [
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
  }
]
