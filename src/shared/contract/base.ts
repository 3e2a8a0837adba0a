import { oc } from '@orpc/contract'
import { z } from 'zod'
import { failureSchema } from '../domain/run'

/** Of every failure, on the server and in the contract: only where both agree does it arrive as a defined error. */
export const FAILURE_STATUS = 400

/**
 * All procedures start from here: instead of a result each may answer with a failure, whose stable code,
 * sentence and remedy reach the window.
 */
export const procedure = oc.errors({ FAILURE: { status: FAILURE_STATUS, data: failureSchema } })

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
