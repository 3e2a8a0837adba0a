import * as z from 'zod'
import { binEntry } from '../domain/bin'
import { procedure } from './base'

const entry = z.object({ kind: z.enum(['dataset', 'run']), id: z.string() })

/** What was removed: kept for 30 days, and put back at will. */
export const bin = {
  /** What was removed last comes first. */
  list: procedure.output(z.array(binEntry)),
  /** @returns its name now: another where its own was taken meanwhile */
  restore: procedure.input(entry).output(z.object({ name: z.string(), renamed: z.boolean() })),
  /** Delete for good: these, or all. Results outside the workspace stay. */
  empty: procedure
    .input(z.object({ entries: z.array(entry).optional() }))
    .output(z.object({ count: z.int() }))
}
