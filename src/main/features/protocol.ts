import * as z from 'zod'
import { EXTRACTOR_INPUTS } from '../extractors/extractor'
import { failureSchema } from '../../shared/domain/run'

/** What asks for features and the process that computes them say to each other, checked on arrival. */

const model = {
  /** Absolute. */
  extractor: z.string(),
  input: z.enum(EXTRACTOR_INPUTS)
}

export const toExtraction = z.discriminatedUnion('type', [
  /** What the model gives: asked before anything is computed. */
  z.object({ type: z.literal('probe'), ...model }),
  z.object({
    type: z.literal('extract'),
    ...model,
    /** Folder of the dataset whose examples are read. */
    source: z.string(),
    /** Folder of the features, as feature-store.ts prepares it. */
    target: z.string(),
    /** Blocks to compute, in this order. */
    blocks: z.array(z.int().nonnegative())
  }),
  /** Keep what is done and end. */
  z.object({ type: z.literal('stop') })
])
export type ToExtraction = z.infer<typeof toExtraction>

/** What a model gives. */
export const modelFacts = z.object({
  /** Numbers an example. */
  width: z.int().positive(),
  /** The output that was taken, and how it was pooled, as a clause. */
  output: z.string(),
  /** Examples that are computed together: the unit of what is done and what is not. */
  block: z.int().positive()
})
export type ModelFacts = z.infer<typeof modelFacts>

export const fromExtraction = z.discriminatedUnion('type', [
  z.object({ type: z.literal('facts'), facts: modelFacts }),
  z.object({ type: z.literal('progress'), blocks: z.int().nonnegative() }),
  z.object({ type: z.literal('done'), isComplete: z.boolean() }),
  z.object({ type: z.literal('failed'), failure: failureSchema })
])
export type FromExtraction = z.infer<typeof fromExtraction>
