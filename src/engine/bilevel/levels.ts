import { concat1d, keep, memory, mul, stack, sub, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import { Recordings } from '../tensors/recordings'
import type { DescentProgram } from '../tensors/kernels'
import { constantRate, DeviceAdam, HostAdam } from './adam'
import { deviceNorm } from './norm'
import type { BilevelProblem, Point } from './problem'
import type { MethodProgram, UpperDirection, UpperMeasurement } from './measurement'
import { adamNamed, adamOf, float32, joined, numberOf } from './solver-state'
import type { SolverState } from './solver-state'

/** Settings that every method shares. Learning rates are those of Adam on both levels. */
export interface LevelOptions {
  readonly lrUpper: number
  readonly lrLower: number
  /** Adam's moments for u belong to the entry (true) or to its place in the batch (false). */
  readonly momentsPerEntry?: boolean
  /**
   * Upper steps over which both learning rates fall to zero along a half cosine; they stay as they are when
   * absent.
   */
  readonly horizon?: number
  /** Whether the backend may compile steps, which takes seconds and pays over hundreds of steps; true where absent. */
  readonly compiles?: boolean
}

/**
 * The variables of both levels and what moves them: u on the host and v on the device, both stepped with Adam, u
 * projected. The latest v is always this one's: a method that holds it finds it gone after the next step.
 */
export class Levels<B> {
  readonly problem: BilevelProblem<B>
  readonly upper: Float32Array
  v: Tensor1D
  readonly #rates: { upper: number; lower: number }
  readonly #horizon: number | undefined
  #steps = 0
  readonly #lowerAdam: DeviceAdam
  readonly #upperAdam: HostAdam
  readonly #momentsPerEntry: boolean
  /** What the backend remembers of this method's steps. */
  readonly #recordings: Recordings
  /** Bytes of all tensors when an upper direction was last evaluated rather than repeated. */
  #tensorBytes = 0

  constructor(problem: BilevelProblem<B>, options: LevelOptions) {
    this.problem = problem
    this.upper = Float32Array.from(problem.initialUpper())
    this.v = keep(tensor1d(problem.initialLower()))
    this.#rates = { upper: options.lrUpper, lower: options.lrLower }
    this.#horizon = options.horizon
    this.#recordings = new Recordings(options.compiles)
    this.#momentsPerEntry = options.momentsPerEntry ?? true
    this.#lowerAdam = new DeviceAdam(problem.lowerSize)
    this.#upperAdam = new HostAdam(problem.upperSize)
  }

  /** Learning rates of the present step. */
  get lrUpper(): number {
    return this.#rates.upper * this.#annealed()
  }

  get lrLower(): number {
    return this.#rates.lower * this.#annealed()
  }

  /** Scale both rates from here on. */
  decayRates(factor: number): void {
    this.#rates.upper *= factor
    this.#rates.lower *= factor
  }

  #annealed(): number {
    if (this.#horizon === undefined) return 1
    return 0.5 * (1 + Math.cos(Math.PI * Math.min(this.#steps / this.#horizon, 1)))
  }

  /** The batch's entries of u on the device, kept: dispose it. */
  upload(rows: Int32Array | undefined): Tensor1D {
    const values = rows ? Float32Array.from(rows, (row) => this.upper[row]!) : Float32Array.from(this.upper)
    return keep(tensor1d(values))
  }

  point(u: Tensor1D): Point {
    return { u, v: this.v }
  }

  /**
   * T Adam steps on v.
   * @param direction at the v it is given, with all else as it is now; see adamDescent (tensors/kernels.ts)
   * @param inputs as of {@link descend}
   * @returns the norm of the last direction
   */
  repeatLower(
    steps: number,
    direction: (v: Tensor1D) => Tensor1D,
    inputs: readonly Tensor[] | undefined
  ): number {
    const recurrence = inputs && { name: 'lower steps', inputs, recordings: this.#recordings }
    const begin = (): DescentProgram => ({ direction })
    const { v, last } = this.#lowerAdam.descend(this.v, begin, this.#constantRate(steps), recurrence)
    this.v = v
    const norm = tidy(() => deviceNorm(last).dataSync()[0]!)
    last.dispose()
    return norm
  }

  #constantRate(steps: number): readonly number[] {
    return constantRate(this.lrLower, steps)
  }

  /**
   * T Adam steps on v and the upper direction at the v they reach, as one program.
   * @param names of the method's own numbers
   * @param begin see adamDescent (tensors/kernels.ts) for what it may do
   * @param inputs all that differs between two batches for what is evaluated, if it is known: then the ops of one
   * batch serve for the next
   */
  descend<Name extends string>(
    rows: Int32Array | undefined,
    steps: number,
    names: readonly Name[],
    begin: () => MethodProgram<Name>,
    inputs: readonly Tensor[] | undefined
  ): UpperMeasurement<Name> & { readonly gradNormLower: number } {
    const recurrence = inputs && { name: 'step', inputs, recordings: this.#recordings }
    const program = (): DescentProgram => {
      const { upper, ...program } = begin()
      const conclusion = (v: Tensor1D, last: Tensor1D): Tensor[] => {
        const direction = upper(v)
        const numbers = stack([deviceNorm(last), ...scalarsOf(direction, names)]) as Tensor1D
        this.#tensorBytes = memory().numBytes
        // One tensor: every reading waits for the device.
        return [concat1d([numbers, ...(direction.along ? [direction.along] : [])])]
      }
      return { ...program, conclusion }
    }
    const { v, last, concluded } = this.#lowerAdam.descend(
      this.v,
      program,
      this.#constantRate(steps),
      recurrence
    )
    this.v = v
    last.dispose()
    const values = concluded[0]!.dataSync() as Float32Array
    concluded[0]!.dispose()
    const count = 4 + names.length
    const [gradNormLower, ...numbers] = values.subarray(0, count)
    const gradient = values.length > count ? values.slice(count) : this.#zeros(rows)
    return {
      ...measurementOf(gradient, numbers, names, this.#tensorBytes),
      gradNormLower: gradNormLower!
    }
  }

  #zeros(rows: Int32Array | undefined): Float32Array {
    return new Float32Array(rows?.length ?? this.problem.upperSize)
  }

  /** v - lrLower * direction, kept; v itself is left alone. */
  plainStep(direction: Tensor1D): Tensor1D {
    return keep(sub(this.v, mul(direction, this.lrLower))) as Tensor1D
  }

  /**
   * Evaluate the upper direction and bring it to the host with the numbers of the report. Everything made is
   * disposed; what a method wants to hold it keeps itself.
   */
  measureUpper<Name extends string = never>(
    rows: Int32Array | undefined,
    names: readonly Name[],
    evaluate: () => UpperDirection<Name>
  ): UpperMeasurement<Name> {
    let tensorBytes = 0
    const [direction, scalars] = tidy(() => {
      const evaluated = evaluate()
      tensorBytes = memory().numBytes
      const numbers = stack(scalarsOf(evaluated, names)) as Tensor1D
      return [evaluated.along && keep(evaluated.along), keep(numbers)]
    })
    const gradient = direction ? Float32Array.from(direction.dataSync()) : this.#zeros(rows)
    const numbers = [...scalars!.dataSync()]
    direction?.dispose()
    scalars!.dispose()
    return measurementOf(gradient, numbers, names, tensorBytes)
  }

  /** One Adam step on the batch's entries of u, then the projection. */
  descendUpper(gradient: Float32Array, rows: Int32Array | undefined): void {
    const momentsOf = this.#momentsPerEntry ? 'entry' : 'place'
    this.#upperAdam.step(this.upper, gradient, this.lrUpper, rows, momentsOf)
    this.problem.project?.(this.upper)
    this.#steps++
  }

  lower(): Float32Array {
    return Float32Array.from(this.v.dataSync())
  }

  setLower(values: Float32Array): void {
    this.v.dispose()
    this.v = keep(tensor1d(values))
    this.#lowerAdam.reset()
  }

  save(): SolverState {
    const own = {
      numbers: { lrUpper: this.#rates.upper, lrLower: this.#rates.lower, steps: this.#steps },
      arrays: {
        upper: this.upper.slice(),
        lower: this.lower(),
        upperAdamFirst: this.#upperAdam.first.slice(),
        upperAdamSecond: this.#upperAdam.second.slice(),
        upperAdamSteps: this.#upperAdam.steps.slice()
      }
    }
    return joined(own, adamNamed('lower', this.#lowerAdam.save()))
  }

  restore(state: SolverState): void {
    const array = (name: string): Float32Array => float32(state, name)
    this.#rates.upper = numberOf(state, 'lrUpper')
    this.#rates.lower = numberOf(state, 'lrLower')
    this.#steps = numberOf(state, 'steps')
    this.upper.set(array('upper'))
    this.setLower(array('lower'))
    this.#lowerAdam.restore(adamOf(state, 'lower'))
    this.#upperAdam.first.set(array('upperAdamFirst'))
    this.#upperAdam.second.set(array('upperAdamSecond'))
    this.#upperAdam.steps.set(state.arrays['upperAdamSteps'] as Int32Array)
  }

  dispose(): void {
    this.v.dispose()
    this.#lowerAdam.dispose()
    this.#recordings.dispose()
  }
}

function scalarsOf<Name extends string>(
  { f, g, gradNormG, more }: UpperDirection<Name>,
  names: readonly Name[]
): Scalar[] {
  return [f, g, gradNormG, ...names.map((name) => more[name])]
}

/** @param values as scalarsOf has them */
function measurementOf<Name extends string>(
  gradient: Float32Array,
  values: readonly number[],
  names: readonly Name[],
  tensorBytes: number
): UpperMeasurement<Name> {
  const [f, g, gradNormG, ...rest] = values
  const more = Object.fromEntries(names.map((name, i) => [name, rest[i]!])) as Record<Name, number>
  return { gradient, f: f!, g: g!, gradNormG: gradNormG!, tensorBytes, more }
}
