import type { RunRecord } from '../../src/shared/domain/run'
import type { ClusterKind } from './cluster'
import { end, stoppedTrainersOf, trainersOf } from './cluster'
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
export function killNode({ cluster }: Trial, run: TrialRun): string {
  const node = cluster.slurm('squeue', '--noheader', `--jobs=${run.job}`, '--format=%N')
  cluster.killNode(node, run.job)
  return node
}
export const resume = ({ workspace }: Trial, { id }: TrialRun): void =>
  void workspace.store.move(id, 'queued', { scheduled: true, failure: null, endedAt: null })
export const killTrainers = (run: TrialRun, signal: NodeJS.Signals = 'SIGKILL'): void =>
  trainersOf(run.folder).forEach((pid) => end(pid, signal))
export const wakeTrainers = (run: TrialRun): void =>
  stoppedTrainersOf(run.folder).forEach((pid) => end(pid, 'SIGCONT'))

/** Ends its job, and returns when squeue knows nothing of it any more: it forgets once a minute. */
export async function forgotten({ cluster }: Trial, run: TrialRun, act: () => void): Promise<void> {
  const { job } = run
  act()
  await run.until(
    () => cluster.slurm('squeue', '--states=all', '--noheader', `--jobs=${job}`) === '',
    'forgotten'
  )
}
