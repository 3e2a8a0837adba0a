import type { StopReason } from '../../../shared/domain/report'
import type { RunEvent } from '../../../shared/domain/run-event'
import type { TermKind, TermRows } from '../../../shared/numerics/term-rows'

/**
 * What a task needs from the process that runs it. The training process (src/main/runs/worker) supplies it;
 * tests supply a stand-in. A task knows nothing of files, processes or windows.
 */

/** Examples read by row; a batch is read from disk, so memory does not grow with the dataset. */
export interface ExampleSource {
  readonly count: number
  /** [height, width, channels] or [features]. */
  readonly shape: readonly number[]
  /** Features [from, to) that are alike, such as the words of a text: they share one scale. */
  readonly alike?: readonly (readonly [number, number])[]
  readonly classNames: readonly string[]
  /** Given labels, class indices, length count. */
  readonly labels: Int32Array
  /** The labels as they came, where people have corrected some since. */
  readonly givenLabels?: Int32Array
  /** True labels where known: they only score a result and never reach a solver. */
  readonly truth?: Int32Array
  /** Features of these rows, row after row, length rows.length * exampleSize; pixels are scaled to 0..1. */
  readRows(rows: ArrayLike<number>): Float32Array
  /** Terms of the texts that these rows hold; left out where they hold none. */
  readonly readTerms?: (rows: ArrayLike<number>, kind: TermKind) => TermRows
}

/** State of a run between two steps: small facts as JSON, arrays beside them. Restoring it continues exactly. */
export interface Checkpoint {
  readonly json: Record<string, unknown>
  readonly arrays: Record<string, Float32Array | Int32Array | Uint8Array>
}

/** What the owner of the run wants next; read between steps. */
export type RunSignal = 'continue' | 'pause' | 'cancel' | 'time'

/** A time that a run is not to exceed by much. */
export interface TimeLimit {
  /** Seconds left, those that are kept back not counted; below 0 where it is up. */
  secondsLeft(): number
  /** Keep so many seconds back for what must still follow: time is up so much earlier. */
  keepBack(seconds: number): void
}

export interface TaskRun {
  emit(event: RunEvent): void
  /** Let messages in (one turn of the event loop), then tell what is wanted. Cheap enough for every upper step. */
  poll(): Promise<RunSignal>
  /** Seconds since the run began, pauses excluded. */
  seconds(): number
  /** Absent where nothing limits its time. */
  readonly limit?: TimeLimit
  /** The checkpoint to continue from, if this run was paused or its process died. */
  readonly restored?: Checkpoint
  /** Written beside and renamed: a half-written checkpoint is never seen. */
  saveCheckpoint(checkpoint: Checkpoint): Promise<void>
}

/** Thrown by a task after it has saved its checkpoint because `poll` said pause. */
export class RunPaused extends Error {
  constructor() {
    super('The run is paused.')
    this.name = 'RunPaused'
  }
}

/** What every training ends with. */
export interface Solved {
  readonly stopped: StopReason
  readonly upperSteps: number
  readonly lowerSteps: number
  /** Seconds that the solver's steps took. */
  readonly solverSeconds: number
  /** What the reader should know before using the result, in sentences. */
  readonly advice: readonly string[]
}
