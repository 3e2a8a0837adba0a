import * as z from 'zod'
import { datasetMeta } from '../../shared/domain/dataset'
import { failureSchema } from '../../shared/domain/run'

/** What asks for a survey and the process that makes it say to each other, checked on arrival. */

const part = z.object({
  meta: datasetMeta,
  folder: z.string(),
  from: z.int().nonnegative(),
  to: z.int().nonnegative()
})
export type SurveyedPart = z.infer<typeof part>

export const toSurvey = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('survey'),
    reference: z.string(),
    /** The examples as they came. */
    parts: z.array(part),
    /** The same examples as features of an extractor, where they are at hand: distances are taken there. */
    features: z.object({ parts: z.array(part), extractor: z.string() }).nullable(),
    /** An empty folder for the files of the survey. */
    target: z.string()
  }),
  /** Lay out the map of a survey by UMAP. */
  z.object({ type: z.literal('layout'), folder: z.string() }),
  z.object({ type: z.literal('stop') })
])
export type ToSurvey = z.infer<typeof toSurvey>

export const fromSurvey = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), phase: z.string(), done: z.number(), total: z.number() }),
  z.object({ type: z.literal('done') }),
  z.object({ type: z.literal('failed'), failure: failureSchema })
])
export type FromSurvey = z.infer<typeof fromSurvey>
