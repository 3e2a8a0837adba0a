import { axisOf, pointsOf } from '@shared/domain/sweep'
import type * as z from 'zod'

/** A field that varies, and its values as typed. */
export interface Varied {
  readonly field: string
  readonly text: string
}

/** How many runs there would be; 0 while what is typed makes none. */
export function countRuns(schema: z.ZodObject, rows: readonly Varied[]): number {
  const named = rows.filter(({ text }) => text.trim() !== '')
  if (named.length === 0) return 0
  try {
    return pointsOf(named.map(({ field, text }) => axisOf(schema, field, text))).length
  } catch {
    return 0
  }
}
