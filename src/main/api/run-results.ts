import { existsSync } from 'node:fs'
import path from 'node:path'
import { Failure } from '../../shared/domain/failure'
import type { RunRecord } from '../../shared/domain/run'
import type { DenoisingSpec } from '../../shared/domain/task-spec'
import type { DatasetStore, ExampleSelection } from '../datasets'
import type { Workspace } from '../runs'
import type { Watched } from './readers'

/** What looking at the results of runs needs of the workbench. */
export interface RunResults {
  readonly workspace: Workspace
  readonly datasets: DatasetStore
  /** Data of a run by role, classes in agreement. It stays open: the owner of the context closes it. */
  selectionOf(run: string, role: 'train' | 'trusted' | 'validation' | 'test'): Promise<ExampleSelection>
}

/** What reviews and exports need besides. */
export interface ResultsContext extends Watched, RunResults {}

export interface DenoisingRecord extends RunRecord {
  readonly spec: DenoisingSpec
}

/**
 * A run whose examples can be reviewed: denoising that ended with a result.
 * @throws Failure not-found, conflict
 */
export function reviewable({ workspace }: Pick<RunResults, 'workspace'>, id: string): DenoisingRecord {
  const record = workspace.store.get(id)
  const { spec } = record
  if (spec.task !== 'denoising') {
    throw new Failure(
      'conflict',
      `Run "${record.name}" looked for no wrong labels (${spec.task}).`,
      'Only runs that find wrong labels can be reviewed.'
    )
  }
  if (!existsSync(issuesFile(record))) {
    const unfinished = ['queued', 'running', 'pausing', 'paused'].includes(record.state)
    throw new Failure(
      'conflict',
      `Run "${record.name}" has no result to review.`,
      unfinished ? 'Wait until it is done.' : 'Run it again; its output folder holds no issues.csv.'
    )
  }
  return { ...record, spec }
}

/** Runs that looked for wrong labels in a dataset and left what they found, at their end or where they were cancelled; newest first. */
export function runsThatFound({ workspace }: Pick<RunResults, 'workspace'>, dataset: string): RunRecord[] {
  return workspace.store
    .list()
    .filter((record) => hasFound(record, dataset))
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
}

function hasFound(record: RunRecord, dataset: string): boolean {
  const { state, spec } = record
  return (
    (state === 'done' || state === 'cancelled') &&
    spec.task === 'denoising' &&
    (spec.pins ?? []).some((pin) => pin.dataset === dataset) &&
    existsSync(issuesFile(record))
  )
}

export function issuesFile({ outputDir }: RunRecord): string {
  return path.join(outputDir, 'issues.csv')
}
