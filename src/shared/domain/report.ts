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
  evidence: z.record(z.string(), detection).optional()
})
export type DenoisingMetrics = z.infer<typeof denoisingMetrics>

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
