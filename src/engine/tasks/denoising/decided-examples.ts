import { termRows } from '../../../shared/numerics/term-rows'
import type { ExampleSource } from '../shared/task-run'

/** Trusted examples with those of the training data that a person decided about. */
export interface JoinedTrusted {
  /** The trusted ones as they were, then those that are not among them. */
  readonly source: ExampleSource
  readonly twins: Twins
}

/** Examples of the training data that are among the trusted ones too. */
export type Twins = ReadonlyMap<number, Twin>

export interface Twin {
  /** Among the trusted ones. */
  readonly row: number
  /** The label it had before a person judged it; undefined where it was trusted from the start. */
  readonly given?: number
}

/** Rows read at once. */
const BLOCK = 1024

/**
 * What a person decided is trusted: rows of the training data whose label was given or confirmed join the trusted
 * examples, unless they are there already because the trusted ones were taken from the same data.
 * @param labels of train, as corrected
 */
export function joinDecided(
  trusted: ExampleSource,
  train: ExampleSource,
  labels: Int32Array,
  decided: ReadonlySet<number>
): JoinedTrusted {
  const rows = [...decided].sort((a, b) => a - b)
  if (rows.length === 0) return { source: trusted, twins: new Map() }
  const known = new Map<string, number>()
  for (let from = 0; from < trusted.count; from += BLOCK) {
    const block = Int32Array.from({ length: Math.min(BLOCK, trusted.count - from) }, (_, i) => from + i)
    keysOf(trusted, block, trusted.labels).forEach((key, i) => known.set(key, from + i))
  }
  const twins = new Map<number, Twin>()
  const given = train.givenLabels ?? train.labels
  const added: number[] = []
  keysOf(train, rows, labels).forEach((key, i) => {
    const row = rows[i]!
    const twin = known.get(key)
    if (twin !== undefined) return void twins.set(row, { row: twin })
    twins.set(row, { row: trusted.count + added.length, given: given[row]! })
    added.push(row)
  })
  return { source: joined(trusted, train, labels, added), twins }
}

/** Label and two hashes of the features of each row (FNV-1a on words, with two offsets). */
function keysOf(source: ExampleSource, rows: ArrayLike<number>, labels: Int32Array): string[] {
  const values = source.readRows(rows)
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const size = values.length / rows.length
  return Array.from({ length: rows.length }, (_, i) => {
    let a = 0x811c9dc5
    let b = 0x9e3779b9
    for (let word = i * size; word < (i + 1) * size; word++) {
      a = Math.imul(a ^ words[word]!, 0x01000193)
      b = Math.imul(b ^ words[word]!, 0x85ebca6b)
      b ^= b >>> 13
    }
    return `${labels[rows[i]!]!} ${a} ${b}`
  })
}

function joined(
  trusted: ExampleSource,
  train: ExampleSource,
  labels: Int32Array,
  added: readonly number[]
): ExampleSource {
  const size = trusted.shape.reduce((product, side) => product * side, 1)
  const all = new Int32Array(trusted.count + added.length)
  all.set(trusted.labels)
  all.set(
    added.map((row) => labels[row]!),
    trusted.count
  )
  return {
    count: all.length,
    shape: trusted.shape,
    classNames: trusted.classNames,
    labels: all,
    readTerms:
      trusted.readTerms &&
      train.readTerms &&
      ((rows, kind) =>
        termRows(
          Array.from(rows, (row) =>
            row < trusted.count
              ? trusted.readTerms!([row], kind).ids
              : train.readTerms!([added[row - trusted.count]!], kind).ids
          )
        )),
    readRows(rows) {
      const out = new Float32Array(rows.length * size)
      const fill = (source: ExampleSource, places: readonly number[], of: readonly number[]): void => {
        if (of.length === 0) return
        const values = source.readRows(of)
        places.forEach((place, i) => out.set(values.subarray(i * size, (i + 1) * size), place * size))
      }
      const places = Array.from({ length: rows.length }, (_, i) => i)
      const isAdded = (i: number): boolean => rows[i]! >= trusted.count
      const own = places.filter((i) => !isAdded(i))
      const others = places.filter(isAdded)
      fill(
        trusted,
        own,
        own.map((i) => rows[i]!)
      )
      fill(
        train,
        others,
        others.map((i) => added[rows[i]! - trusted.count]!)
      )
      return out
    }
  }
}
