import * as z from 'zod'

/** Most characters of a note. */
export const LONGEST_NOTE = 2000

/** A word or a few that examples are found again by; commas part several. */
export const tag = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[^,"\p{Cc}]+$/u)

/** What people wrote on the examples of a dataset. */
export const annotations = z.object({
  /** By name. */
  tags: z.array(z.object({ tag: z.string(), rows: z.custom<readonly number[]>(Array.isArray) })),
  /** By row. */
  notes: z.array(z.object({ row: z.int(), note: z.string(), by: z.string(), at: z.string() })),
  /** Questions with a name, to be asked again. */
  questions: z.array(z.object({ name: z.string(), where: z.string() }))
})
export type Annotations = z.infer<typeof annotations>
