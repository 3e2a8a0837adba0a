import { oc } from '@orpc/contract'
import { z } from 'zod'

/** What every procedure may answer with instead of a result: a stable code, a sentence and a remedy. */
export const failureBody = z.object({ code: z.string(), sentence: z.string(), remedy: z.string() })

/** All procedures start from here, so that every failure reaches the window with its remedy. */
export const procedure = oc.errors({ FAILURE: { data: failureBody } })

/** How far a long act is. */
export const actProgress = z.object({
  type: z.literal('progress'),
  /** A short clause: "reading images". */
  phase: z.string(),
  done: z.number(),
  /** Unknown at first for some sources. */
  total: z.number().nullable(),
  secondsLeft: z.number().nullable()
})
export type ActProgress = z.infer<typeof actProgress>

/** A picture: PNG. */
export const picture = z.instanceof(Blob)
