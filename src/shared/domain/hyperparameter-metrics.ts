import * as z from 'zod'

/** A number for classifiers trained without regularisation, with the best shared strength, and with the tuned ones. */
const byContender = z.object({
  unregularised: z.number().nullable(),
  grid: z.number().nullable(),
  tuned: z.number().nullable()
})
export type Contender = keyof z.infer<typeof byContender>

/** Strengths of one layer, in short. */
const layerStrengths = z.object({
  layer: z.string(),
  count: z.int(),
  least: z.number(),
  median: z.number(),
  largest: z.number()
})
export type LayerStrengths = z.infer<typeof layerStrengths>

/** metrics of report.json of hyperparameter tuning. */
export const hyperparameterMetrics = z.object({
  testAccuracy: byContender,
  validationLoss: byContender,
  validationAccuracy: byContender,
  /** The lowest validation loss. */
  best: z.enum(['unregularised', 'grid', 'tuned']).nullable(),
  /** Upper steps after which the tuned strengths were reached; 0: nothing on the way was better than the start. */
  bestStep: z.int().nullable().default(null),
  /** Classifiers retrained with the strengths reached on the way; step 0 is where the tuning started. */
  checks: z.array(z.object({ step: z.int(), validationLoss: z.number() })).default([]),
  strengths: z.object({
    granularity: z.enum(['layer', 'feature', 'weight']),
    count: z.int(),
    /** The best shared one. */
    grid: z.number().nullable(),
    layers: z.array(layerStrengths)
  })
})
export type HyperparameterMetrics = z.infer<typeof hyperparameterMetrics>

/** strengths.json: what a grid search over one shared strength found, beside the tuned ones. */
export const strengthsFile = z.object({
  grid: z.array(z.object({ strength: z.number(), validationLoss: z.number() }))
})
