import * as z from 'zod'
import { sweepRecord, sweepTable } from '../domain/sweep'
import { taskSpec } from '../domain/task-spec'
import { procedure } from './base'

export const sweeps = {
  /** Queue a run for each combination of the axes' values: all of them or none, on the same data. */
  create: procedure
    .input(
      z.object({
        spec: taskSpec,
        /** A field and its values, as a person types them: `seed`, `0..4`. */
        axes: z.array(z.object({ field: z.string(), text: z.string().max(20_000) })).min(1),
        name: z.string().optional(),
        /** Where they are trained; this machine without one. */
        place: z.string().optional()
      })
    )
    .output(z.object({ sweep: sweepRecord, runs: z.array(z.string()) })),
  /** Newest first. */
  list: procedure.output(z.array(sweepRecord)),
  /** Its runs as one table, as they stand, and the same as CSV. */
  get: procedure
    .input(z.object({ sweep: z.string() }))
    .output(z.object({ sweep: sweepRecord, table: sweepTable, csv: z.string() }))
}
