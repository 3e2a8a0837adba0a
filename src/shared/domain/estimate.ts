import * as z from 'zod'
import { failureSchema } from './run'

/** What a run will likely take, before it starts. */
export const estimate = z.object({
  /** Seconds; null where nothing like it has been measured. */
  seconds: z.number().nullable(),
  /** Between which the seconds most likely lie: the less alike what was measured, the further apart. */
  range: z.object({ low: z.number(), high: z.number() }).nullable(),
  /** MiB of main memory of the training process. */
  memoryMiB: z.number().nullable(),
  /** MiB free on this machine now. */
  freeMiB: z.number(),
  /** What the figures rest on, in a sentence. */
  basis: z.string()
})
export type Estimate = z.infer<typeof estimate>

/** The check before a start: everything that would stop the run, and the estimate. */
export const preflight = z.object({
  problems: z.array(failureSchema),
  warnings: z.array(z.string()),
  estimate: estimate.nullable(),
  /** Facts of the data by role, where they could be opened. */
  data: z.array(
    z.object({
      role: z.string(),
      reference: z.string(),
      count: z.int(),
      classes: z.int(),
      shape: z.array(z.int()),
      poisoned: z.boolean()
    })
  )
})
export type Preflight = z.infer<typeof preflight>
