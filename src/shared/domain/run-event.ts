import * as z from 'zod'

/**
 * What a training process tells while it works; one union for the run store, metrics.ndjson, the progress bar
 * and the live window.
 */

/** What one upper step measured; what a method does not have is absent. Field names are the paper's symbols. */
export const stepNumbers = z.object({
  f: z.number(),
  g: z.number(),
  /** ||grad_v g|| */
  gradNormG: z.number(),
  /** ||grad_u h|| over the batch's entries, h the method's upper objective */
  gradNormUpper: z.number(),
  /** ||grad_v h|| at the last lower step */
  gradNormLower: z.number(),
  /** gamma/2 ||grad_v g||² */
  penaltyTerm: z.number().optional(),
  /** nu . grad_v g */
  multiplierTerm: z.number().optional(),
  gamma: z.number().optional(),
  lambda: z.number().optional(),
  eps: z.number().optional(),
  lrUpper: z.number(),
  lrLower: z.number(),
  /** ||max(0, h(u))||, where u has inequality constraints */
  violation: z.number().optional(),
  /** ||H_vv p - grad_v f||² at the end of ApproxGrad's linear solver */
  linearResidual: z.number().optional(),
  /** Bytes of all tensors where the step holds most of its own: RMD's grows with T. */
  tensorBytes: z.number().optional()
})
export type StepNumbers = z.infer<typeof stepNumbers>

/** The numbers of an upper step, or others that a task measures on its way. */
export const metricEvent = stepNumbers.partial().extend({
  type: z.literal('metric'),
  /** Upper steps done. */
  step: z.int().nonnegative(),
  epoch: z.number().nonnegative().optional(),
  /** Seconds since the run began. */
  seconds: z.number().nonnegative(),
  lowerStepsPerSecond: z.number().optional(),
  /** Named accuracies and task-specific numbers, e.g. heldBackLoss, testAccuracy, successRate, auroc. */
  extra: z.record(z.string(), z.number()).optional()
})
export type MetricEvent = z.infer<typeof metricEvent>

/** Where the run is, in words and as a fraction of the whole. */
export const progressEvent = z.object({
  type: z.literal('progress'),
  /** What is being done, as a short clause: "training the trusted-only classifier". */
  phase: z.string(),
  fraction: z.number().min(0).max(1),
  seconds: z.number().nonnegative(),
  secondsLeft: z.number().nonnegative().optional()
})
export type ProgressEvent = z.infer<typeof progressEvent>

/** Snapshot of the importance weights, for the live histogram and each example's trajectory. */
export const weightsEvent = z.object({
  type: z.literal('weights'),
  step: z.int().nonnegative(),
  epoch: z.number().nonnegative(),
  /** Counts in 40 equal bins over 0..1. */
  histogram: z.array(z.int().nonnegative()),
  /** The same, split by whether the label is right, where the truth is known. */
  histogramRight: z.array(z.int().nonnegative()).optional(),
  histogramWrong: z.array(z.int().nonnegative()).optional(),
  /** The lowest weights: index in train, weight, the class the run's classifier predicts. */
  suspicious: z.array(z.object({ index: z.int(), weight: z.number(), predicted: z.int() }))
})
export type WeightsEvent = z.infer<typeof weightsEvent>

/** A picture of the task in progress, e.g. poisons: pixels stay in files, the event only says where. */
export const snapshotEvent = z.object({
  type: z.literal('snapshot'),
  step: z.int().nonnegative(),
  kind: z.string(),
  /** File inside the run's folder. */
  file: z.string()
})
export type SnapshotEvent = z.infer<typeof snapshotEvent>

export const logEvent = z.object({
  type: z.literal('log'),
  level: z.enum(['info', 'warning']),
  message: z.string(),
  seconds: z.number().nonnegative()
})
export type LogEvent = z.infer<typeof logEvent>

export const runEvent = z.discriminatedUnion('type', [
  metricEvent,
  progressEvent,
  weightsEvent,
  snapshotEvent,
  logEvent
])
export type RunEvent = z.infer<typeof runEvent>

/**
 * Of what a run told, what a checkpoint of this age has behind it; what came later will be told again. Logs stay:
 * they say what happened.
 */
export function eventsBefore<E extends RunEvent>(events: readonly E[], seconds: number): E[] {
  const last = events.findLastIndex((event) => event.type === 'metric' && event.seconds <= seconds)
  return events.filter(({ type }, i) => i <= last || type === 'log')
}

/** Events of a log, one a line; nothing for a line that was not finished when its process was killed. */
export function eventsInLog(text: string): RunEvent[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [runEvent.parse(JSON.parse(line))]
    } catch {
      return []
    }
  })
}
