import type { InequalityConstraints } from './problem'

/**
 * Inequality constraints on u inside the penalty (Mehra and Hamm 2021: h(u) <= 0 becomes h(u) + s² = 0 with a
 * slack variable s for each constraint, penalised like the stationarity condition):
 *
 *   mu . (h(u) + s²) + gamma/2 ||h(u) + s²||²
 *
 * For a fixed u its minimiser is s² = max(0, -h(u) - mu/gamma) (Bertsekas 1982, section 3.1), which leaves no
 * variable to step: the gradient in u is J_h(u)' y with y = max(0, mu + gamma h(u)), and when the schedule
 * advances, mu becomes y.
 */
export class SlackConstraints {
  /** mu, one a constraint; never negative. */
  readonly multipliers: Float32Array

  constructor(private readonly constraints: InequalityConstraints) {
    this.multipliers = new Float32Array(constraints.count)
  }

  /**
   * Add the constraints' part to a gradient in u.
   * @param gradient entries of u at `rows` (all when absent), changed in place
   * @returns ||max(0, h(u))||
   */
  add(upper: Float32Array, gamma: number, gradient: Float32Array, rows: Int32Array | undefined): number {
    const values = this.constraints.values(upper)
    const dense = rows ? new Float32Array(upper.length) : gradient
    this.constraints.addTransposedJacobian(upper, this.#pressure(values, gamma), dense)
    rows?.forEach((row, i) => (gradient[i] = gradient[i]! + dense[row]!))
    return Math.sqrt(values.reduce((total, value) => total + Math.max(0, value) ** 2, 0))
  }

  /** mu = max(0, mu + gamma h(u)) */
  advance(upper: Float32Array, gamma: number): void {
    this.multipliers.set(this.#pressure(this.constraints.values(upper), gamma))
  }

  #pressure(values: Float64Array, gamma: number): Float64Array {
    return values.map((value, i) => Math.max(0, this.multipliers[i]! + gamma * value))
  }
}
