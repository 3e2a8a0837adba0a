import type { Method } from '../domain/task-spec'

export const METHOD_NAMES: Readonly<Record<Method, string>> = {
  penalty: 'Penalty',
  'approx-grad': 'ApproxGrad',
  rmd: 'RMD',
  gd: 'GD',
  'value-function': 'Value function'
}

/** A method by its name; one that this version does not know by what it is called in the file. */
export function methodName(method: string): string {
  return Object.entries(METHOD_NAMES).find(([known]) => known === method)?.[1] ?? method
}
