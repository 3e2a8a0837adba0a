import type { DenoisingResult } from '../../../engine/tasks/denoising/result'
import type { DenoisingEvidence } from '../../../engine/tasks/denoising/evidence'
import type { ExampleSource, TaskRun } from '../../../engine/tasks/shared/task-run'
import type { RunEvent } from '../../../shared/domain/run-event'
import type { DenoisingSpec } from '../../../shared/domain/task-spec'
import { counted } from '../../../shared/words/numbers'

/** Of what was not judged: nothing is suspicious about it. */
const UNSUSPICIOUS = 1
/** Weight of an example that no run has weighed: another that goes on from here may take it in again. */
const UNWEIGHED = 0.5

/** Examples, of which people may have left some out. */
export type LeavingOut = ExampleSource & { readonly leftOut: ReadonlySet<number> }

/** The examples that are not left out, as examples of their own; the same where none is. */
export function present<S extends LeavingOut | undefined>(source: S): S | ExampleSource {
  return source && source.leftOut.size > 0 ? new PresentRows(source).source : source
}

/** Data of a task without what people left out of them. */
export function presentData<S extends LeavingOut>({
  train,
  validation,
  test
}: {
  readonly train: S
  readonly validation: S
  readonly test?: S
}): { train: ExampleSource; validation: ExampleSource; test?: ExampleSource } {
  return { train: present(train), validation: present(validation), ...(test && { test: present(test) }) }
}

/** The place in all rows of each of these, which count in those present. */
export function rowsInAll(source: LeavingOut, places: Int32Array): Int32Array {
  return source.leftOut.size > 0 ? new PresentRows(source).rowsOf(places) : places
}

/** The rows that are present, where some are not. */
export function presentRows({
  count,
  leftOut
}: Pick<LeavingOut, 'count' | 'leftOut'>): Int32Array | undefined {
  if (leftOut.size === 0) return undefined
  return Int32Array.from({ length: count }, (_, row) => row).filter((row) => !leftOut.has(row))
}

/** That a run did not train on everything it names. */
export function leftOutAdvice({ leftOut: { size } }: LeavingOut): string[] {
  if (size === 0) return []
  const were = size === 1 ? 'was' : 'were'
  return [`${counted(size, 'example')} of the training data that people left out ${were} not trained on.`]
}

/** The rows of training data that are not left out: a run sees them alone, and its results are of all rows. */
export class PresentRows {
  /** Place in all rows of each that is present. */
  readonly #rows: Int32Array
  readonly #places: ReadonlyMap<number, number>
  readonly source: ExampleSource

  constructor(private readonly all: LeavingOut) {
    const rows = presentRows(all) ?? Int32Array.from({ length: all.count }, (_, row) => row)
    this.#rows = rows
    this.#places = new Map(Array.from(rows, (row, place) => [row, place]))
    this.source = {
      count: rows.length,
      shape: all.shape,
      ...(all.alike && { alike: all.alike }),
      classNames: all.classNames,
      labels: this.#of(all.labels),
      ...(all.givenLabels && { givenLabels: this.#of(all.givenLabels) }),
      ...(all.truth && { truth: this.#of(all.truth) }),
      ...(all.readTerms && {
        readTerms: (places, kind) =>
          all.readTerms!(
            Int32Array.from(places, (place) => rows[place]!),
            kind
          )
      }),
      readRows: (places) => all.readRows(Int32Array.from(places, (place) => rows[place]!))
    }
  }

  #of(labels: Int32Array): Int32Array {
    return this.#rows.map((row) => labels[row]!)
  }

  /** The place in all rows of each of these. */
  rowsOf(places: Int32Array): Int32Array {
    return places.map((place) => this.#rows[place]!)
  }

  /** Weights of all rows, of those present. */
  weights(all: Float32Array): Float32Array {
    // Of other data, which the task says itself.
    return all.length === this.all.count ? Float32Array.from(this.#rows, (row) => all[row]!) : all
  }

  /** What a review said of rows, of those present. */
  spec(spec: DenoisingSpec): DenoisingSpec {
    const { corrections, dropped } = spec
    // Rows that are not there at all are refused by the task.
    const placeOf = (row: number): number[] =>
      this.all.leftOut.has(row) ? [] : [this.#places.get(row) ?? row]
    return {
      ...spec,
      ...(corrections && {
        corrections: Object.fromEntries(
          Object.entries(corrections).flatMap(([row, label]) =>
            placeOf(Number(row)).map((place) => [String(place), label])
          )
        )
      }),
      ...(dropped && { dropped: dropped.flatMap(placeOf) })
    }
  }

  /** Events name rows by their place in all rows. */
  run(run: TaskRun): TaskRun {
    const ofAll = (event: RunEvent): RunEvent =>
      event.type === 'weights'
        ? {
            ...event,
            suspicious: event.suspicious.map((one) => ({ ...one, index: this.#rows[one.index]! }))
          }
        : event
    return {
      emit: (event) => run.emit(ofAll(event)),
      poll: () => run.poll(),
      seconds: () => run.seconds(),
      ...(run.limit && { limit: run.limit }),
      ...(run.restored && { restored: run.restored }),
      saveCheckpoint: (checkpoint) => run.saveCheckpoint(checkpoint)
    }
  }

  /** A result of all rows: those left out are not flagged, and nothing is suspicious about them. */
  result(result: DenoisingResult): DenoisingResult {
    const scores = Object.entries(result.evidence).map(([id, values]) => [
      id,
      values && this.#spread(values, new Float32Array(this.all.count).fill(UNSUSPICIOUS))
    ])
    return {
      ...result,
      evidence: Object.fromEntries(scores) as DenoisingEvidence,
      predicted: this.#spread(result.predicted, this.all.labels.slice()),
      flagged: this.#spread(result.flagged, new Uint8Array(this.all.count)),
      labels: this.#spread(result.labels, this.all.labels.slice()),
      trajectory: result.trajectory.map((weights) =>
        this.#spread(weights, new Float32Array(this.all.count).fill(UNWEIGHED))
      )
    }
  }

  #spread<A extends Float32Array | Int32Array | Uint8Array>(values: ArrayLike<number>, into: A): A {
    this.#rows.forEach((row, place) => (into[row] = values[place]!))
    return into
  }
}
