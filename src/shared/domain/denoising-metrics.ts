import * as z from 'zod'

export const detection = z.object({
  auroc: z.number(),
  averagePrecision: z.number(),
  precision: z.number(),
  recall: z.number(),
  f1: z.number()
})
/** How well a score finds wrong labels; the positive class is "wrong label". */
export type Detection = z.infer<typeof detection>

/** What denoising makes of a poisoned set, the positive class being "poison". */
export const defence = z.object({
  poisons: z.int(),
  caught: z.int(),
  recall: z.number(),
  /** Clean examples that were flagged as well: the cost. */
  cleanFlagged: z.int(),
  cleanShare: z.number(),
  /** By the combined score. */
  auroc: z.number()
})
export type Defence = z.infer<typeof defence>

/** How many labels are wrong, with a 90 % interval. */
const errorCount = z.object({ expected: z.number(), low: z.number(), high: z.number() })

/** Wrong labels that a run expects among those flagged, among the others, and in all. */
const expectedErrors = z.object({ flagged: errorCount, kept: errorCount, all: errorCount })

/** Trusted examples given wrong labels on purpose, and how many of them would be flagged. */
const plantedErrors = z.object({ planted: z.int(), found: z.int() })

export const denoisingMetrics = z.object({
  testAccuracy: z.object({
    trustedOnly: z.number().nullable(),
    noisy: z.number().nullable(),
    bilevel: z.number().nullable(),
    cleaned: z.number().nullable()
  }),
  kept: z.int(),
  flagged: z.int(),
  threshold: z.number(),
  bestEpoch: z.int(),
  /** Which classifier to take, and why, in a sentence. */
  recommendation: z.object({
    classifier: z.enum(['trustedOnly', 'noisy', 'bilevel', 'cleaned']),
    reason: z.string()
  }),
  /** Accuracy on trusted examples held back from every classifier compared. */
  heldBackAccuracy: z.record(z.string(), z.number()),
  /** Where each label has a probability: tables, features and small pictures. */
  expected: expectedErrors.optional(),
  planted: plantedErrors.optional(),
  /**
   * Where trusted labels look wrong: of how many, how many are likely wrong, and the most doubtful ones by their index in the
   * trusted set, and by dataset and row. Where it is plain, they were not taken as right.
   */
  trustedWrong: z
    .object({
      of: z.int(),
      expected: z.number(),
      isPlain: z.boolean(),
      first: z.array(z.int()),
      places: z.array(z.object({ dataset: z.string(), row: z.int() })).optional()
    })
    .optional(),
  detection: detection.optional(),
  /** Detection by each evidence alone and combined, where the truth is known. */
  evidence: z.record(z.string(), detection).optional(),
  /** Poisons found, where a manifest names them. */
  poisons: defence.optional()
})
export type DenoisingMetrics = z.infer<typeof denoisingMetrics>
