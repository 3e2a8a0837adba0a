import type { AdamState } from './adam'

/** Everything a solver needs to continue exactly where it stood. */
export interface SolverState {
  readonly numbers: Record<string, number>
  readonly arrays: Record<string, Float32Array | Int32Array>
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

/** Adam's moments, told apart from others by a name. */
export function adamNamed(name: string, { first, second, steps }: AdamState): SolverState {
  return {
    numbers: { [`${name}AdamSteps`]: steps },
    arrays: { [`${name}AdamFirst`]: first, [`${name}AdamSecond`]: second }
  }
}

export function adamOf(state: SolverState, name: string): AdamState {
  return {
    first: float32(state, `${name}AdamFirst`),
    second: float32(state, `${name}AdamSecond`),
    steps: numberOf(state, `${name}AdamSteps`)
  }
}

/** Both, where they have no name in common. */
export function joined(a: SolverState, b?: SolverState): SolverState {
  return { numbers: { ...a.numbers, ...b?.numbers }, arrays: { ...a.arrays, ...b?.arrays } }
}
