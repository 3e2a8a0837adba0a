import { BLOCKS_PER_TRIAL, SYNTHETIC_DEFINITIONS } from './problem'
import type { SyntheticProblemName } from '../../../shared/domain/task-spec'

/** How far each trial is from what is known of its solution; one entry a trial. */
export interface SyntheticErrors {
  /**
   * The published measure, joint in u and v: distance to (1/2, 1/2) or (0, 0); in sum-singular both projected on
   * the rows of A, in difference-singular u projected (every u of null(A) is a solution, v = 0).
   */
  readonly published: Float64Array
  /**
   * Distance to the optimistic solutions, those of all lower minimisers that serve f best. It differs from the
   * published one in sum-singular only, whose optimistic solution u = v = P 1/2 has no part in null(A).
   */
  readonly optimistic: Float64Array
}

/** Measures u and v ([trials, 2, dimension], flat) of one problem. */
export class SyntheticYardstick {
  readonly #centre: number
  readonly #projectLower: boolean
  readonly #dimension: number
  /** Undefined: the whole space. */
  readonly #basis: Float64Array | undefined
  readonly #rows: number

  /** @param rowSpace of the problem: orthonormal rows of each block, [blocks, rows, dimension] */
  constructor(name: SyntheticProblemName, dimension: number, rowSpace: Float64Array | undefined) {
    const { residual } = SYNTHETIC_DEFINITIONS[name]
    this.#centre = residual === 'sum' ? 0.5 : 0
    this.#projectLower = residual === 'sum'
    this.#dimension = dimension
    this.#rows = Math.ceil(dimension / 2)
    this.#basis = rowSpace
  }

  errors(upper: Float32Array, lower: Float32Array): SyntheticErrors {
    const trials = upper.length / (BLOCKS_PER_TRIAL * this.#dimension)
    const published = new Float64Array(trials)
    const optimistic = new Float64Array(trials)
    for (let block = 0; block < trials * BLOCKS_PER_TRIAL; block++) {
      const trial = Math.floor(block / BLOCKS_PER_TRIAL)
      const u = this.#split(upper, block)
      const v = this.#split(lower, block)
      const best = u.inside + v.inside
      // Of difference-singular any u of null(A) will do; of sum-singular the shortest is the best.
      const fromPublished = this.#projectLower ? best : best + v.outside
      published[trial]! += fromPublished
      optimistic[trial]! += this.#projectLower ? best + u.outside + v.outside : fromPublished
    }
    return { published: published.map(Math.sqrt), optimistic: optimistic.map(Math.sqrt) }
  }

  /** Squared distance of one block to the centre within the rows of A, and squared length in null(A). */
  #split(values: Float32Array, block: number): { inside: number; outside: number } {
    const start = block * this.#dimension
    let distance = 0
    let length = 0
    for (let i = 0; i < this.#dimension; i++) {
      distance += (values[start + i]! - this.#centre) ** 2
      length += values[start + i]! ** 2
    }
    if (!this.#basis) return { inside: distance, outside: 0 }
    let inside = 0
    let lengthInside = 0
    for (let row = 0; row < this.#rows; row++) {
      const from = (block * this.#rows + row) * this.#dimension
      let component = 0
      let componentOfCentre = 0
      for (let i = 0; i < this.#dimension; i++) {
        component += this.#basis[from + i]! * values[start + i]!
        componentOfCentre += this.#basis[from + i]! * this.#centre
      }
      inside += (component - componentOfCentre) ** 2
      lengthInside += component ** 2
    }
    return { inside, outside: Math.max(0, length - lengthInside) }
  }
}
