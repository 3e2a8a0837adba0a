import { accessSync, constants, mkdirSync } from 'node:fs'
import path from 'node:path'
import { badInput } from '../../shared/domain/failure'
import { JobTable } from './job-table'
import { ReviewStore } from './review-store'
import { RunStore } from './run-store'
import { settleAbandonedRuns } from './abandoned-runs'
import { openWorkspaceDatabase } from './workspace-database'

/** A folder that holds datasets, runs and their records. */
export interface Workspace {
  /** Absolute. */
  readonly dir: string
  readonly datasetsDir: string
  readonly runsDir: string
  readonly store: RunStore
  readonly reviews: ReviewStore
  readonly jobs: JobTable
  close(): void
}

/**
 * Open a workspace, making it if need be. Runs whose owner is gone are marked failed (and resumable where a
 * checkpoint exists): a crash of the workbench loses no run.
 * @throws Failure bad-input when the folder cannot be written
 */
export function openWorkspace(dir: string): Workspace {
  const absolute = path.resolve(dir)
  const datasetsDir = path.join(absolute, 'datasets')
  const runsDir = path.join(absolute, 'runs')
  try {
    mkdirSync(datasetsDir, { recursive: true })
    mkdirSync(runsDir, { recursive: true })
    accessSync(absolute, constants.W_OK)
  } catch (error) {
    throw badInput(
      `The workspace ${absolute} cannot be written.`,
      'Start with another folder (--workspace), or set BILEVEL_WORKSPACE.',
      error
    )
  }
  const database = openWorkspaceDatabase(path.join(absolute, 'workbench.sqlite'))
  const store = new RunStore(database)
  settleAbandonedRuns(store)
  const reviews = new ReviewStore(database)
  const jobs = new JobTable(database)
  const close = (): void => {
    store.stopWriting()
    database.close()
  }
  return { dir: absolute, datasetsDir, runsDir, store, reviews, jobs, close }
}
