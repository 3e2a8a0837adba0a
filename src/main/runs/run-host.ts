import type { ProgramEnd } from '../processes'
import type { ToWorker } from './protocol'

/** Whoever trains a run for its owner: a process of this machine, or a job of a cluster. */
export interface RunHost {
  readonly exited: Promise<ProgramEnd>
  /** The id of its process on this machine, once it has one. */
  readonly started: Promise<number | undefined>
  send(message: ToWorker): void
  /** Ask for a clean end; by force when it does not come. */
  cancel(): void
  kill(): void
  /** Leave it alone: nothing here waits for it. */
  letGo(): void
}
