import {
  concat1d,
  keep,
  memory,
  mul,
  sqrt,
  square,
  stack,
  sub,
  sum,
  tensor1d,
  tidy
} from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import { Recordings } from '../autodiff/recordings'
import type { DescentProgram, StepProgram } from '../autodiff/kernels'
import { DeviceAdam, HostAdam } from './adam'
import type { BilevelProblem, Point } from './problem'
import type { Divergence, SolverOptions, SolverState, StepReport, StepResult } from './solver'

/**
 * What all solvers do alike: keep u on the host and v on the device, step both with Adam, project u, watch for
 * divergence, save and restore. A method adds only its directions.
 */
export class SolverCore<B> {
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
  readonly #recordings = new Recordings()
  /** Of the last upper direction that was evaluated rather than repeated. */
  #evaluated: { readonly names: readonly string[]; readonly tensorBytes: number } | undefined

  constructor(problem: BilevelProblem<B>, options: SolverOptions) {
    this.problem = problem
    this.upper = Float32Array.from(problem.initialUpper())
    this.v = keep(tensor1d(problem.initialLower()))
    this.#rates = { upper: options.lrUpper, lower: options.lrLower }
    this.#horizon = options.horizon
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

  rows(batch: B): Int32Array | undefined {
    return this.problem.upperRows?.(batch)
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
   * @param direction at the v it is given, with all else as it is now; see adamDescent (autodiff/kernels.ts)
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
    const { v, last } = this.#lowerAdam.descend(this.v, begin, steps, this.lrLower, recurrence)
    this.v = v
    const norm = tidy(() => deviceNorm(last).dataSync()[0]!)
    last.dispose()
    return norm
  }

  /**
   * T Adam steps on v and the upper direction at the v they reach, as one program.
   * @param begin see adamDescent (autodiff/kernels.ts) for what it may do
   * @param inputs all that differs between two batches for what is evaluated, if it is told: then the ops of one
   * batch serve for the next
   */
  descend(
    rows: Int32Array | undefined,
    steps: number,
    begin: () => MethodProgram,
    inputs: readonly Tensor[] | undefined
  ): UpperMeasurement & { readonly gradNormLower: number } {
    const recurrence = inputs && { name: 'step', inputs, recordings: this.#recordings }
    const whole = (): DescentProgram => {
      const { turned, direction, upper } = begin()
      const conclusion = (v: Tensor1D, last: Tensor1D): Tensor[] => {
        const { along, f, g, gradNormG, more = {} } = upper(v)
        const numbers = [deviceNorm(last), f, g, gradNormG, ...Object.values(more)]
        this.#evaluated = { names: Object.keys(more), tensorBytes: memory().numBytes }
        // One tensor: every reading waits for the device.
        return [concat1d([stack(numbers) as Tensor1D, ...(along ? [along] : [])])]
      }
      return { ...(turned && { turned }), direction, conclusion }
    }
    const { v, last, concluded } = this.#lowerAdam.descend(this.v, whole, steps, this.lrLower, recurrence)
    this.v = v
    last.dispose()
    const values = concluded[0]!.dataSync() as Float32Array
    concluded[0]!.dispose()
    const { names, tensorBytes } = this.#evaluated!
    const [gradNormLower, ...numbers] = values.subarray(0, 4 + names.length)
    const gradient = values.length > 4 + names.length ? values.slice(4 + names.length) : this.#zeros(rows)
    return { ...measurement(gradient, numbers, names, tensorBytes), gradNormLower: gradNormLower! }
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
  measureUpper(rows: Int32Array | undefined, evaluate: () => UpperDirection): UpperMeasurement {
    let tensorBytes = 0
    let names: string[] = []
    const [direction, scalars] = tidy(() => {
      const { along, f, g, gradNormG, more = {} } = evaluate()
      tensorBytes = memory().numBytes
      names = Object.keys(more)
      const numbers = stack([f, g, gradNormG, ...Object.values(more)]) as Tensor1D
      return [along && keep(along), keep(numbers)]
    })
    const gradient = direction ? Float32Array.from(direction.dataSync()) : this.#zeros(rows)
    const numbers = [...scalars!.dataSync()]
    direction?.dispose()
    scalars!.dispose()
    return measurement(gradient, numbers, names, tensorBytes)
  }

  /** Look for divergence, tell, and step u: the end of every method's step. */
  conclude(
    measured: UpperMeasurement,
    gradNormLower: number,
    rows: Int32Array | undefined,
    remedy: string,
    numbers: Partial<StepReport> = {}
  ): StepResult {
    const { gradient, f, g, gradNormG, tensorBytes } = measured
    const gradNormUpper = l2Norm(gradient)
    const norms = { f, g, gradNormG, gradNormUpper, gradNormLower }
    const divergence = divergenceOf(norms, remedy)
    if (divergence) return { ok: false, divergence }
    const rates = { lrUpper: this.lrUpper, lrLower: this.lrLower }
    this.descendUpper(gradient, rows)
    this.#steps++
    return { ok: true, report: { ...norms, ...numbers, ...rates, tensorBytes }, converged: false }
  }

  /** One Adam step on the batch's entries of u, then the projection. */
  descendUpper(gradient: Float32Array, rows: Int32Array | undefined): void {
    const momentsOf = this.#momentsPerEntry ? 'entry' : 'place'
    this.#upperAdam.step(this.upper, gradient, this.lrUpper, rows, momentsOf)
    this.problem.project?.(this.upper)
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
    const adam = this.#lowerAdam.save()
    return {
      numbers: {
        lrUpper: this.#rates.upper,
        lrLower: this.#rates.lower,
        steps: this.#steps,
        lowerAdamSteps: adam.steps
      },
      arrays: {
        upper: this.upper.slice(),
        lower: this.lower(),
        lowerAdamFirst: adam.first,
        lowerAdamSecond: adam.second,
        upperAdamFirst: this.#upperAdam.first.slice(),
        upperAdamSecond: this.#upperAdam.second.slice(),
        upperAdamSteps: this.#upperAdam.steps.slice()
      }
    }
  }

  restore(state: SolverState): void {
    const array = (name: string): Float32Array => float32(state, name)
    this.#rates.upper = numberOf(state, 'lrUpper')
    this.#rates.lower = numberOf(state, 'lrLower')
    this.#steps = numberOf(state, 'steps')
    this.upper.set(array('upper'))
    this.setLower(array('lower'))
    this.#lowerAdam.restore({
      first: array('lowerAdamFirst'),
      second: array('lowerAdamSecond'),
      steps: numberOf(state, 'lowerAdamSteps')
    })
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

/** A method's step on one batch. */
export interface MethodProgram extends StepProgram {
  /** At the v that the steps have reached. */
  upper(v: Tensor1D): UpperDirection
}

/** What a method found at the end of its lower steps; tensors of the caller's tidy scope. */
export interface UpperDirection {
  /** Direction to descend, [rows]; undefined where the method sees no dependence on u. */
  readonly along: Tensor1D | undefined
  readonly f: Scalar
  readonly g: Scalar
  /** ||grad_v g|| */
  readonly gradNormG: Scalar
  /** Further numbers of the method, by name. */
  readonly more?: Readonly<Record<string, Scalar>>
}

/** The same on the host. */
export interface UpperMeasurement {
  /** [rows] */
  readonly gradient: Float32Array
  readonly f: number
  readonly g: number
  readonly gradNormG: number
  readonly tensorBytes: number
  readonly more: Readonly<Record<string, number>>
}

function measurement(
  gradient: Float32Array,
  numbers: readonly number[],
  names: readonly string[],
  tensorBytes: number
): UpperMeasurement {
  const [f, g, gradNormG, ...values] = numbers
  const more = Object.fromEntries(names.map((name, i) => [name, values[i]!]))
  return { gradient, f: f!, g: g!, gradNormG: gradNormG!, tensorBytes, more }
}

export function l2Norm(values: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]! * values[i]!
  return Math.sqrt(total)
}

/** tfjs's own norm squares by a power, twenty times slower. */
export function deviceNorm(t: Tensor1D): Scalar {
  return sqrt(sum(square(t))) as Scalar
}

/** Numbers above this are an explosion, long before float32 overflows. */
const EXPLODED = 1e12

/** Undefined while all numbers are finite and not absurd. */
export function divergenceOf(numbers: Record<string, number>, remedy: string): Divergence | undefined {
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isFinite(value)) {
      return { reason: 'not-finite', sentence: `The run diverged: ${name} is no longer a number.`, remedy }
    }
    if (Math.abs(value) > EXPLODED) {
      const sentence = `The run diverged: ${name} reached ${value.toExponential(1)}.`
      return { reason: 'exploded', sentence, remedy }
    }
  }
  return undefined
}

export function numberOf(state: SolverState, name: string): number {
  const value = state.numbers[name]
  if (value === undefined) throw new Error(`The checkpoint lacks the number "${name}".`)
  return value
}

export function float32(state: SolverState, name: string): Float32Array {
  const values = state.arrays[name]
  if (!(values instanceof Float32Array)) throw new Error(`The checkpoint lacks the array "${name}".`)
  return values
}
