import type { SystemInfo } from '../../shared/contract'
import type { UpdateState } from '../../shared/domain/update'
import type { DatasetStore, ExampleSelection } from '../datasets'
import type { JobStore } from '../jobs'
import type { RunFeed, Scheduler, Workspace } from '../runs'
import type { Readers, Watched } from './readers'

/** What all handlers work on; a shell builds it. */
export interface ApiContext extends Watched {
  readonly workspace: Workspace
  readonly datasets: DatasetStore
  readonly scheduler: Scheduler
  /** The list of runs for all who look on. */
  readonly runFeed: RunFeed
  readonly jobs: JobStore
  readonly shell: ApiShell
  readonly readers: Readers
  /**
   * The data of a run by role, as its spec names them.
   * @throws Failure not-found, bad-input when the data is gone
   */
  selectionOf(runId: string, role: DataRole): Promise<ExampleSelection>
}

export type DataRole = 'train' | 'trusted' | 'validation' | 'test'

/** What differs between the desktop and the served window. */
export interface ApiShell {
  readonly info: Omit<SystemInfo, 'workspace' | 'user' | 'version' | 'platform'>
  /** What `bilevel doctor` finds. */
  examine(): Promise<{ name: string; level: 'ok' | 'warning' | 'error'; detail: string; remedy?: string }[]>
  /**
   * The path, absolute, if the window may use it for reading or writing.
   * @throws Failure refused for a path outside the folders the server was given
   */
  allow(path: string): string
  /** Newer versions of the program. */
  readonly updates: UpdateDesk
  /** Where a folder that was written can be fetched as one zip; null on the desktop. */
  offer(folder: string): string | null
}

/** Where newer versions of the program are asked for. */
export interface UpdateDesk {
  readonly state: UpdateState
  check(): Promise<UpdateState>
  /** Begin; the state tells how far it is. */
  download(): UpdateState
  cancel(): UpdateState
}
