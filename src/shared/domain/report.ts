import { z } from 'zod'
import { taskSpec } from './task-spec'

/** report.json: docs/cli.md, "What a task writes". All accuracies and rates are fractions. */
export const backendInfo = z.object({
  name: z.enum(['native', 'wasm']),
  version: z.string(),
  device: z.string(),
  threads: z.int().positive()
})
export type BackendInfo = z.infer<typeof backendInfo>

export const stopReason = z.enum(['converged', 'epochs', 'time', 'cancelled', 'diverged'])
export type StopReason = z.infer<typeof stopReason>

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
  detection: detection.optional(),
  /** Detection by each evidence alone and combined, where the truth is known. */
  evidence: z.record(z.string(), detection).optional(),
  /** Poisons found, where a manifest names them. */
  poisons: defence.optional()
})
export type DenoisingMetrics = z.infer<typeof denoisingMetrics>

/** A rate over victims of several seeds with its 95 % interval. */
export const rateEstimate = z.object({
  rate: z.number(),
  low: z.number(),
  high: z.number(),
  seeds: z.array(z.number())
})

/**
 * One number for victims retrained on the clean set, with label flips (the starting points, unoptimised) and on
 * the poisoned set; null where nothing could be measured.
 */
const byCondition = z.object({
  clean: z.number().nullable(),
  labelFlip: z.number().nullable(),
  poisoned: z.number().nullable()
})
const intervals = z.record(
  z.string(),
  z.object({
    clean: rateEstimate.nullable(),
    labelFlip: rateEstimate.nullable(),
    poisoned: rateEstimate.nullable()
  })
)

/** What victims do: accuracy and, for targeted attacks, success and the accuracy of the other classes. */
export const damage = z.object({
  /** Which examples it was measured on. */
  on: z.enum(['test', 'validation']),
  testAccuracy: byCondition,
  /** Targeted: share of the attacked class that is taken for the wanted one. */
  successRate: byCondition.optional(),
  /** Targeted: accuracy on the classes that are not attacked. */
  otherAccuracy: byCondition.optional(),
  /** The same names, with intervals and one rate a seed. */
  intervals
})
export type Damage = z.infer<typeof damage>

/** Metrics of attacks by added points (untargeted, targeted). */
export const poisoningMetrics = damage.extend({
  attack: z.enum(['untargeted', 'targeted']),
  count: z.int(),
  /** Poisons as a share of the clean training examples. */
  share: z.number(),
  /** The same victims on the validation examples, which the attack has seen. */
  validation: damage,
  /** Other models, trained on the same files; on validation where there is no test set, like the curve. */
  transfer: z.array(damage.extend({ model: z.string() })),
  budgetCurve: z.array(damage.extend({ count: z.int(), share: z.number() })).optional(),
  /** Sizes of the changes, in 0..1 pixel units. */
  perturbation: z.object({
    meanL2: z.number(),
    maxL2: z.number(),
    meanLinf: z.number(),
    maxLinf: z.number()
  }),
  bestStep: z.int(),
  /** Victims retrained on the way, on validation. */
  checks: z.array(
    z.object({
      step: z.int(),
      accuracy: z.number(),
      success: z.number().optional(),
      other: z.number().optional()
    })
  ),
  defence: defence.extend({ victimAfter: damage }).optional()
})
export type PoisoningMetrics = z.infer<typeof poisoningMetrics>

export const report = z.object({
  schema: z.literal(1),
  task: z.string(),
  method: z.string(),
  model: z.string(),
  seed: z.int(),
  stopped: stopReason,
  backend: backendInfo,
  data: z.record(z.string(), z.unknown()),
  metrics: z.record(z.string(), z.unknown()),
  timing: z.object({
    seconds: z.number(),
    upperSteps: z.int(),
    lowerSteps: z.int(),
    lowerStepsPerSecond: z.number()
  }),
  memory: z.object({ peakRssMiB: z.number(), peakTensorMiB: z.number() }),
  /** What the reader should know before using the result, in sentences. */
  advice: z.array(z.string()).default([]),
  spec: taskSpec
})
export type Report = z.infer<typeof report>
