import * as z from 'zod'
import { failureSchema } from './run'

/** Of the desktop program; nothing is asked of any server before a person asks. */
export const updateState = z.discriminatedUnion('phase', [
  /** This installation has nobody to ask; `why` is a sentence. */
  z.object({ phase: z.literal('unavailable'), why: z.string() }),
  z.object({ phase: z.literal('unasked') }),
  z.object({ phase: z.literal('checking') }),
  /** There is none newer. */
  z.object({ phase: z.literal('current'), checkedAt: z.iso.datetime() }),
  z.object({ phase: z.literal('offered'), version: z.string(), releasedAt: z.string().nullable() }),
  z.object({
    phase: z.literal('downloading'),
    version: z.string(),
    /** Bytes; total 0 until it is known. */
    done: z.number(),
    total: z.number()
  }),
  /** It is installed when the program is quit. */
  z.object({ phase: z.literal('ready'), version: z.string() }),
  z.object({ phase: z.literal('failed'), failure: failureSchema })
])
export type UpdateState = z.infer<typeof updateState>
