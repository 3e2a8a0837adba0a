import { badInput } from '../../../shared/domain/failure'
import type { Random } from '../../../shared/numerics/random'
import type { ExampleSource } from '../shared/task-run'

/** How large a task is. */
export interface EpisodeSize {
  readonly ways: number
  readonly shots: number
  readonly queries: number
}

/** One task: rows of a source, class after class. */
export interface Episode {
  /** Class of each way, [ways] */
  readonly classes: Int32Array
  /** [ways * shots] */
  readonly support: Int32Array
  /** [ways * queries] */
  readonly query: Int32Array
}

/** Draws tasks from the classes of a source. */
export class EpisodeSampler {
  readonly #rows: ReadonlyMap<number, Int32Array>
  readonly #classes: Int32Array
  readonly #size: EpisodeSize

  /** @throws Failure bad-input where a class has too few examples, or there are too few classes */
  constructor(source: ExampleSource, size: EpisodeSize, name: string) {
    this.#rows = rowsByClass(source)
    this.#classes = Int32Array.from(this.#rows.keys())
    this.#size = size
    const needed = size.shots + size.queries
    for (const [label, rows] of this.#rows) {
      if (rows.length < needed) {
        throw badInput(
          `Class "${source.classNames[label]}" of ${name} has ${rows.length} examples, and a task needs ${needed} (${size.shots} shots and ${size.queries} queries).`,
          'Take fewer with --shots or --queries, or leave the class out.'
        )
      }
    }
    if (this.#classes.length < size.ways) {
      throw badInput(
        `${name} has ${this.#classes.length} classes, and a task needs ${size.ways} (--ways).`,
        'Take fewer ways, or more classes.'
      )
    }
  }

  next(random: Random): Episode {
    const { ways, shots, queries } = this.#size
    const order = random.permutation(this.#classes.length).subarray(0, ways)
    const classes = Int32Array.from(order, (i) => this.#classes[i]!)
    const support = new Int32Array(ways * shots)
    const query = new Int32Array(ways * queries)
    classes.forEach((label, way) => {
      const rows = this.#rows.get(label)!
      const drawn = random.permutation(rows.length)
      for (let i = 0; i < shots; i++) support[way * shots + i] = rows[drawn[i]!]!
      for (let i = 0; i < queries; i++) query[way * queries + i] = rows[drawn[shots + i]!]!
    })
    return { classes, support, query }
  }
}

/** Rows of each class that has any, in the order of the classes. */
export function rowsByClass(source: Pick<ExampleSource, 'labels'>): ReadonlyMap<number, Int32Array> {
  const rows = new Map<number, number[]>()
  source.labels.forEach((label, row) => {
    const own = rows.get(label)
    if (own) own.push(row)
    else rows.set(label, [row])
  })
  return new Map([...rows].sort(([a], [b]) => a - b).map(([label, own]) => [label, Int32Array.from(own)]))
}

/** Targets of a task whose examples stand class after class: one-hot, [tasks * ways * each, ways]. */
export function episodeTargets(tasks: number, ways: number, each: number): Float32Array {
  const values = new Float32Array(tasks * ways * each * ways)
  for (let i = 0; i < tasks * ways * each; i++) values[i * ways + (Math.floor(i / each) % ways)] = 1
  return values
}
