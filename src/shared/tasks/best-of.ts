import type { Quality } from './task'

/**
 * Places that hold the best of the values present; none where fewer than two can be compared.
 * @param words how a value is shown: what reads the same is equally good
 */
export function bestOf(
  values: readonly (number | undefined)[],
  better: Quality['better'],
  words: (value: number) => string = String
): boolean[] {
  const present = values.filter((value) => value !== undefined)
  if (present.length < 2 || new Set(present.map(words)).size < 2) return values.map(() => false)
  const best = words(better === 'higher' ? Math.max(...present) : Math.min(...present))
  return values.map((value) => value !== undefined && words(value) === best)
}
