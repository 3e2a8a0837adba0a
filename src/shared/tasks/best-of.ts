import type { Quality } from './task'

/** Places that hold the best of the values present; none where fewer than two can be compared. */
export function bestOf(values: readonly (number | undefined)[], better: Quality['better']): boolean[] {
  const present = values.filter((value) => value !== undefined)
  if (present.length < 2 || new Set(present).size < 2) return values.map(() => false)
  const best = better === 'higher' ? Math.max(...present) : Math.min(...present)
  return values.map((value) => value === best)
}
