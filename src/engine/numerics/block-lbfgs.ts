/**
 * L-BFGS (Nocedal 1980; Nocedal and Wright 2006, algorithm 7.4) for K convex problems of one size at once, each
 * with its own curvature pairs and step length: they share only the evaluation, which costs hardly more for
 * K than for one. A problem whose gradient is small enough, or that no step improves, rests.
 */
export interface BlockObjective {
  /**
   * Values and gradients of all problems.
   * @param x row-major [problems, size]
   */
  (x: Float32Array): { readonly values: ArrayLike<number>; readonly gradient: Float32Array }
}

export interface BlockLbfgsOptions {
  readonly iterations: number
  /** A problem has converged when no entry of its gradient is larger. */
  readonly tolerance: number
}

export interface BlockMinimum {
  /** row-major [problems, size] */
  readonly x: Float32Array
  readonly values: Float64Array
  /** Largest entry of each gradient, absolute. */
  readonly largestGradient: Float64Array
  readonly iterations: number
}

const MEMORY = 12
const ARMIJO = 1e-4
/** A first step as long as one in every entry has to shrink a lot where there are thousands of entries. */
const MOST_TRIALS = 20
/** Of a step that was too long, the shares between which the next one is. */
const SHORTEST = 0.02
const LONGEST = 0.5

export function minimiseBlocks(
  objective: BlockObjective,
  start: Float32Array,
  problems: number,
  { iterations, tolerance }: BlockLbfgsOptions
): BlockMinimum {
  const size = start.length / problems
  const blocks = Array.from({ length: problems }, (_, k) => new Block(start, k * size, size))
  let evaluation = objective(start)
  blocks.forEach((block, k) => block.accept(evaluation.values[k]!, evaluation.gradient))
  let iteration = 0
  const trial = start.slice()
  for (; iteration < iterations; iteration++) {
    const moving = blocks.filter((block) => !block.resting && block.largestGradient > tolerance)
    if (moving.length === 0) break
    for (const block of moving) block.aim()
    let pending = moving
    for (let attempt = 0; attempt <= MOST_TRIALS && pending.length > 0; attempt++) {
      for (const block of blocks) block.writeTrial(trial, pending.includes(block))
      evaluation = objective(trial)
      pending = pending.filter((block) => {
        const value = evaluation.values[block.index]!
        if (value <= block.value + ARMIJO * block.step * block.slope) {
          block.accept(value, evaluation.gradient, trial)
          return false
        }
        block.shorten(value)
        return true
      })
    }
    for (const block of pending) block.rest()
  }
  const x = start.slice()
  for (const block of blocks) x.set(block.x, block.from)
  return {
    x,
    values: Float64Array.from(blocks, ({ value }) => value),
    largestGradient: Float64Array.from(blocks, ({ largestGradient }) => largestGradient),
    iterations: iteration
  }
}

class Block {
  readonly index: number
  readonly from: number
  readonly x: Float64Array
  readonly #gradient: Float64Array
  readonly #direction: Float64Array
  readonly #pairs: { s: Float32Array; y: Float32Array; rho: number }[] = []
  value = 0
  largestGradient = Infinity
  /** Step length tried next, and the directional derivative along the direction. */
  step = 1
  slope = 0
  resting = false

  constructor(start: Float32Array, from: number, size: number) {
    this.index = from / size
    this.from = from
    this.x = Float64Array.from(start.subarray(from, from + size))
    this.#gradient = new Float64Array(size)
    this.#direction = new Float64Array(size)
  }

  /** Take a point: its value, its gradient and, after the first, the curvature pair between. */
  accept(value: number, gradients: Float32Array, trial?: Float32Array): void {
    const size = this.x.length
    const s = new Float32Array(size)
    const y = new Float32Array(size)
    let curvature = 0
    let scale = 0
    this.largestGradient = 0
    for (let i = 0; i < size; i++) {
      const slope = gradients[this.from + i]!
      if (trial) {
        s[i] = trial[this.from + i]! - this.x[i]!
        y[i] = slope - this.#gradient[i]!
        this.x[i] = trial[this.from + i]!
        curvature += s[i]! * y[i]!
        scale += y[i]! * y[i]!
      }
      this.#gradient[i] = slope
      this.largestGradient = Math.max(this.largestGradient, Math.abs(slope))
    }
    this.value = value
    // Float32 gradients leave noise in y: a pair without clear curvature would turn the direction uphill.
    if (trial && curvature > 1e-10 * scale) {
      this.#pairs.push({ s, y, rho: 1 / curvature })
      if (this.#pairs.length > MEMORY) this.#pairs.shift()
    }
  }

  /** The two-loop recursion: direction = -H grad. */
  aim(): void {
    const d = this.#direction
    d.set(this.#gradient)
    const alphas: number[] = []
    for (const { s, y, rho } of this.#pairs.toReversed()) {
      const alpha = rho * dot(s, d)
      alphas.push(alpha)
      addScaled(d, y, -alpha)
    }
    const last = this.#pairs.at(-1)
    // The first step moves no entry by more than 1.
    const initial = last
      ? dot(last.s, last.y) / dot(last.y, last.y)
      : 1 / Math.max(this.largestGradient, 1e-12)
    for (let i = 0; i < d.length; i++) d[i] = d[i]! * initial
    for (const { s, y, rho } of this.#pairs) addScaled(d, s, alphas.pop()! - rho * dot(y, d))
    for (let i = 0; i < d.length; i++) d[i] = -d[i]!
    this.slope = dot(d, this.#gradient)
    if (this.slope >= 0) {
      this.#pairs.length = 0
      for (let i = 0; i < d.length; i++) d[i] = -this.#gradient[i]!
      this.slope = dot(d, this.#gradient)
    }
    this.step = 1
  }

  /** To the minimum of the parabola through the value and slope here and the value there. */
  shorten(there: number): void {
    const rise = there - this.value - this.slope * this.step
    const share = (-this.slope * this.step) / (2 * rise)
    this.step *= Math.min(LONGEST, Math.max(SHORTEST, Number.isFinite(share) ? share : 0))
  }

  writeTrial(into: Float32Array, moved: boolean): void {
    for (let i = 0; i < this.x.length; i++) {
      into[this.from + i] = this.x[i]! + (moved ? this.step * this.#direction[i]! : 0)
    }
  }

  /** No step along the direction improves: forget the pairs once, then give up. */
  rest(): void {
    if (this.#pairs.length === 0) this.resting = true
    this.#pairs.length = 0
  }
}

type Floats = Float32Array | Float64Array

function dot(a: Floats, b: Floats): number {
  let total = 0
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!
  return total
}

function addScaled(into: Float64Array, from: Floats, factor: number): void {
  for (let i = 0; i < into.length; i++) into[i] = into[i]! + factor * from[i]!
}
