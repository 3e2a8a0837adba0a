import { accessSync, constants, mkdirSync } from 'node:fs'
import path from 'node:path'
import { isDiskFull } from '../files/disk-full'
import { ProcessLock } from '../locks'
import { DecisionLog } from './decision-log'
import { JobTable } from './job-table'
import { followMovedRuns } from './moved-workspace'
import { ReviewParts } from './review-parts'
import { RunStore } from './run-store'
import { settleAbandonedRuns } from './abandoned-runs'
import { PlaceStore } from './places/place-store'
import { SweepStore } from './sweep-store'
import { TrustStore } from './trust-store'
import { userName } from './user-name'
import { openWorkspaceDatabase } from './workspace-database'
import { ownedWorkspace, unwritableWorkspace, workspaceFailure } from './workspace-faults'

/** A folder that holds datasets, runs and their records. */
export interface Workspace {
  /** Absolute. */
  readonly dir: string
  readonly datasetsDir: string
  readonly runsDir: string
  /** Who works here, by name. */
  readonly user: string
  readonly store: RunStore
  /** What people decided on what runs found, by id of the run. */
  readonly reviews: DecisionLog
  /** Who was given which examples of a run to review. */
  readonly reviewParts: ReviewParts
  /** What people decided on the labels of datasets, by id of the dataset. */
  readonly trust: TrustStore
  readonly jobs: JobTable
  readonly sweeps: SweepStore
  readonly places: PlaceStore
  /** Whether a workbench serves it to windows now; its scheduler trains what is queued. */
  isServed(): boolean
  /** Where its owner can be opened in a browser, for whoever wants to own it too. */
  tellAddress(url: string): void
  close(): void
}

/** Held by the workbench that serves a workspace to windows. */
const OWNER_LOCK = 'workbench.lock'

/**
 * Open a workspace, making it if need be. Runs whose owner is gone are marked failed (and can be resumed): a crash of
 * the workbench loses no run.
 * @param options.owns to serve it to windows, which one process at a time may do; others, such as the command line,
 *   may use it beside that. The owner never waits long for another process, since its windows would wait too.
 * @throws Failure workspace when it cannot be used or has an owner
 */
export function openWorkspace(dir: string, { owns = false } = {}): Workspace {
  const absolute = path.resolve(dir)
  const datasetsDir = path.join(absolute, 'datasets')
  const runsDir = path.join(absolute, 'runs')
  const file = path.join(absolute, 'workbench.sqlite')
  try {
    mkdirSync(datasetsDir, { recursive: true })
    mkdirSync(runsDir, { recursive: true })
    accessSync(absolute, constants.W_OK)
  } catch (error) {
    throw isDiskFull(error) ? workspaceFailure(error, file) : unwritableWorkspace(absolute, error)
  }
  const database = openWorkspaceDatabase(file, { quick: owns })
  let lock: ProcessLock | undefined
  try {
    lock = owns ? takeOwnership(absolute, file) : undefined
    followMovedRuns(database, runsDir)
    const store = new RunStore(database)
    settleAbandonedRuns(store)
    const user = userName()
    const reviews = new DecisionLog(database, 'review', user)
    const reviewParts = new ReviewParts(database, reviews)
    const trust = new TrustStore(database, user)
    const jobs = new JobTable(database)
    const sweeps = new SweepStore(database)
    const places = new PlaceStore(absolute)
    const close = (): void => {
      store.events.stopWriting()
      database.close()
      lock?.release()
    }
    const isServed = (): boolean => ProcessLock.isHeld(path.join(absolute, OWNER_LOCK))
    const tellAddress = (url: string): void => lock?.tell(url)
    return {
      dir: absolute,
      datasetsDir,
      runsDir,
      user,
      store,
      reviews,
      reviewParts,
      trust,
      jobs,
      sweeps,
      places,
      isServed,
      tellAddress,
      close
    }
  } catch (error) {
    database.close()
    lock?.release()
    throw workspaceFailure(error, file)
  }
}

/** @throws Failure workspace that says who has it */
function takeOwnership(dir: string, file: string): ProcessLock {
  const place = path.join(dir, OWNER_LOCK)
  try {
    const lock = ProcessLock.take(place)
    if (lock) return lock
  } catch (error) {
    throw workspaceFailure(error, file)
  }
  throw ownedWorkspace(dir, ProcessLock.holderOf(place))
}
