import { oc } from '@orpc/contract'
import * as z from 'zod'
import { conflictSchema } from '../domain/decision'
import { progressFigures } from '../domain/job'
import { failureSchema } from '../domain/run'

/** Of every failure, on the server and in the contract: only where both agree does it arrive as a defined error. */
export const FAILURE_STATUS = 400

/**
 * All procedures start from here: instead of a result each may answer with a failure, whose stable code,
 * sentence and remedy reach the window.
 */
export const procedure = oc.errors({ FAILURE: { status: FAILURE_STATUS, data: failureSchema } })

/** An act that somebody else's may stand against: then its failure says what stands. */
export const act = oc.errors({ FAILURE: { status: FAILURE_STATUS, data: conflictSchema } })

/** Of undo and redo. */
export const leaving = z.object({
  /** Leave alone the rows that another's later act changed, instead of refusing. */
  leaveOthers: z.boolean().default(false)
})

/** News of a long act. */
export const actProgress = progressFigures.extend({
  type: z.literal('progress'),
  /** The job that carries it out: it goes on when the stream is left, and `jobs.cancel` ends it. */
  job: z.string()
})
export type ActProgress = z.infer<typeof actProgress>

/** A picture: PNG, or JPEG or WebP of a photograph. */
export const picture = z.instanceof(Blob)

/** Whose view: people's, who judge by what was photographed, or that of models that learn from resized pixels. */
export const pictureLook = z.enum(['original', 'model']).default('original')

/** The longer side that a picture is wanted with, pixels; an original without it comes at its own size. */
export const pictureSide = z.int().min(16).max(4096).optional()
