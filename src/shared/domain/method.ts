import * as z from 'zod'

/** What both shells say of a method. */
interface MethodWords {
  readonly name: string
  /** Which settings of the group "Penalty method" are its own too. */
  readonly penaltySettings: 'all' | 'gamma' | 'none'
}

/** One line a method, in the order in which they are listed and drawn. */
export const METHOD_WORDS = {
  penalty: { name: 'Penalty', penaltySettings: 'all' },
  'approx-grad': { name: 'ApproxGrad', penaltySettings: 'none' },
  rmd: { name: 'RMD', penaltySettings: 'none' },
  gd: { name: 'GD', penaltySettings: 'none' },
  'value-function': { name: 'Value function', penaltySettings: 'gamma' },
  f2sa: { name: 'F2SA', penaltySettings: 'gamma' }
} satisfies Record<string, MethodWords>

export type Method = keyof typeof METHOD_WORDS
export const METHODS = Object.keys(METHOD_WORDS) as [Method, ...Method[]]
export const method = z.enum(METHODS)

/** A method by its name; one that this version does not know by what it is called in the file. */
export function methodName(called: string): string {
  return Object.entries(METHOD_WORDS).find(([known]) => known === called)?.[1].name ?? called
}
