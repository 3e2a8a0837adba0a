import type { Tensor1D } from '@tensorflow/tfjs-core'
import type { StepNumbers } from '../../shared/domain/run-event'
import { Levels } from './levels'
import type { Method, MethodDefinition, MethodSettings } from './methods/method'
import { l2Norm } from './norm'
import type { BilevelProblem } from './problem'
import { joined } from './solver-state'
import type { SolverState } from './solver-state'

/** Why a solver cannot go on; a value, not an exception. */
export interface Divergence {
  readonly reason: 'not-finite' | 'exploded'
  /** One sentence with the numbers. */
  readonly sentence: string
  readonly remedy: string
}

export type StepResult =
  | { readonly ok: true; readonly report: StepNumbers; readonly converged: boolean }
  | { readonly ok: false; readonly divergence: Divergence }

/** A method at work on a problem. */
export function solverOf<B, Settings extends MethodSettings>(
  problem: BilevelProblem<B>,
  definition: MethodDefinition<Settings>,
  settings: Settings
): Solver<B> {
  const levels = new Levels(problem, settings)
  return new Solver(levels, definition.begin(levels, settings), definition.remedy)
}

/**
 * Steps both levels along a method's directions: one `step` is T lower steps and one upper step on one batch. It
 * never leaks tensors and owns those it keeps: call dispose.
 */
export class Solver<B> {
  /** @param remedy what to change when the method's numbers are no longer finite */
  constructor(
    private readonly levels: Levels<B>,
    private readonly method: Method<B>,
    private readonly remedy: string
  ) {}

  get problem(): BilevelProblem<B> {
    return this.levels.problem
  }

  /** u, on the host; the live array, not a copy. */
  get upper(): Float32Array {
    return this.levels.upper
  }

  /** v, [lowerSize]; the solver's own, and gone with its next step. */
  get lowerOnDevice(): Tensor1D {
    return this.levels.v
  }

  /** A host copy of v. */
  lower(): Float32Array {
    return this.levels.lower()
  }

  /**
   * Replace v and forget what belonged to the one before (moments, a follower): for a new start, e.g. of tasks
   * that have lower variables of their own.
   */
  setLower(values: Float32Array): void {
    this.levels.setLower(values)
    this.method.restart?.(values)
  }

  step(batch: B): StepResult {
    const levels = this.levels
    const rows = levels.problem.upperRows?.(batch)
    const u = levels.upload(rows)
    try {
      const { gradient, f, g, gradNormG, gradNormLower, tensorBytes, numbers } = this.method.measure({
        batch,
        rows,
        u
      })
      const norms = { f, g, gradNormG, gradNormUpper: l2Norm(gradient), gradNormLower }
      const divergence = divergenceOf(norms, this.remedy)
      if (divergence) return { ok: false, divergence }
      const rates = { lrUpper: levels.lrUpper, lrLower: levels.lrLower }
      levels.descendUpper(gradient, rows)
      const converged = this.method.advance?.({ batch, rows, u }) ?? false
      return { ok: true, report: { ...norms, ...numbers, ...rates, tensorBytes }, converged }
    } finally {
      u.dispose()
    }
  }

  save(): SolverState {
    return joined(this.levels.save(), this.method.save?.())
  }

  restore(state: SolverState): void {
    this.levels.restore(state)
    this.method.restore?.(state)
  }

  dispose(): void {
    this.levels.dispose()
    this.method.dispose?.()
  }
}

/** Numbers above this are an explosion, long before float32 overflows. */
const EXPLODED = 1e12

/** Undefined while all numbers are finite and not absurd. */
function divergenceOf(numbers: Record<string, number>, remedy: string): Divergence | undefined {
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
