import * as z from 'zod'
import { PINNED_FILES } from '../../shared/domain/pin'
import { backendInfo, parseReport } from '../../shared/domain/report'
import { preflight } from '../../shared/domain/estimate'
import { failureSchema } from '../../shared/domain/run'
import { runEvent } from '../../shared/domain/run-event'
import { taskSpec } from '../../shared/domain/task-spec'

/**
 * What the owner of a run and its training process say to each other; two discriminated unions, checked on
 * arrival, so that a version mismatch is an error with a sentence and not a strange result.
 */

export const toWorker = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    runId: z.string(),
    spec: taskSpec,
    /** Absolute; receives report.json and the rest. */
    outputDir: z.string(),
    /** Absolute. */
    workspace: z.string(),
    /** Folder for checkpoints; absolute. */
    checkpointDir: z.string(),
    /** Continue from the checkpoint there. */
    resume: z.boolean()
  }),
  z.object({ type: z.literal('pause') }),
  z.object({ type: z.literal('cancel') }),
  z.object({ type: z.literal('diagnose'), backend: z.enum(['auto', 'native', 'wasm']) }),
  z.object({
    type: z.literal('validate'),
    spec: taskSpec,
    workspace: z.string(),
    /** Wait for the start of what was found good. */
    stays: z.boolean().optional()
  }),
  z.object({ type: z.literal('locate'), spec: taskSpec, workspace: z.string() })
])
export type ToWorker = z.infer<typeof toWorker>

/** One fact about a backend, for `bilevel doctor`. */
const finding = z.object({
  name: z.string(),
  available: z.boolean(),
  detail: z.string(),
  remedy: z.string().optional()
})

const diagnosis = z.object({
  findings: z.array(finding),
  chosen: z.object({ info: backendInfo, reason: z.string(), faster: z.string().optional() }).nullable(),
  failure: failureSchema.nullable()
})
export type Diagnosis = z.infer<typeof diagnosis>

/** What a run would work on and how much there is to do, found without training. */
const runPlan = z.object({
  data: preflight.shape.data,
  /** What whoever starts it should know of the data. */
  warnings: preflight.shape.warnings,
  /** Steps on v of the whole run; null where the task does not say. */
  lowerSteps: z.number().nullable(),
  /** Examples in one lower step. */
  batchSize: z.number().nullable(),
  /** Numbers of the model. */
  parameters: z.number().nullable(),
  /** Seconds that its training takes on two cores, where the task knows its costs. */
  seconds: z.number().optional()
})
export type RunPlan = z.infer<typeof runPlan>

/** Where the content that a pin names lies on this machine. */
const locatedData = z.object({
  /** As the spec calls it. */
  source: z.string(),
  contentHash: z.string(),
  /** Absolute. */
  folder: z.string(),
  /** Of a file that the spec names besides its data: which field names it, and its files in that folder. */
  named: z.object({ field: z.enum(PINNED_FILES), files: z.array(z.string()) }).optional()
})
export type LocatedData = z.infer<typeof locatedData>

export const fromWorker = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    backend: backendInfo,
    reason: z.string(),
    /** Age in seconds of the checkpoint that it goes on from: what was told after it will be told again. */
    resumedAt: z.number().optional()
  }),
  z.object({ type: z.literal('events'), events: z.array(runEvent) }),
  z.object({ type: z.literal('checkpoint') }),
  z.object({ type: z.literal('done'), report: z.unknown().transform(parseReport) }),
  z.object({ type: z.literal('paused') }),
  z.object({ type: z.literal('failed'), failure: failureSchema }),
  z.object({ type: z.literal('diagnosis'), diagnosis }),
  z.object({ type: z.literal('valid'), plan: runPlan }),
  z.object({ type: z.literal('located'), data: z.array(locatedData) })
])
export type FromWorker = z.infer<typeof fromWorker>

/** The file of a checkpoint's folder that is written last: where it is, the rest is complete. */
export const CHECKPOINT_FILE = 'checkpoint.json'

/** Where a run's checkpoint is: in its folder, or, while that is being replaced, in the previous one beside it. */
export function checkpointFolders(dir: string): readonly string[] {
  return [dir, previousCheckpoint(dir)]
}

export function previousCheckpoint(dir: string): string {
  return `${dir}.previous`
}

/** Held by the training process of a run: while it lives, no other may write the run's files. */
export function workerLockOf(checkpointDir: string): string {
  return `${checkpointDir}.training`
}

/** Held by the process that records what the run tells. */
export function ownerLockOf(checkpointDir: string): string {
  return `${checkpointDir}.owner`
}

/** What a run told, one event a line, in its output folder: where the owner missed something, it is read back. */
export const LOG_FILE = 'metrics.ndjson'

/**
 * A run's folder as a contract, for a training process without a channel: `spec.json` says what to train, each
 * attempt tells in `attempt-<n>/events.ndjson` and keeps its checkpoint and results beside it, and `results` is
 * renamed to its place when report.json stands in it. `wish.json` says what its owner wishes.
 */
export const runOrder = z.object({
  schema: z.literal(1),
  run: z.string(),
  spec: taskSpec,
  /** Absolute; holds `datasets`, each in a folder named by its content. */
  workspace: z.string()
})
export type RunOrderFile = z.infer<typeof runOrder>

export const ORDER_FILE = 'spec.json'
export const WISH_FILE = 'wish.json'
export const EVENTS_FILE = 'events.ndjson'
export const RESULTS_FOLDER = 'results'

export const wish = z.object({ want: z.enum(['pause', 'cancel']) })

/** A line of events.ndjson. */
export const numberedMessage = z.object({
  /** From 1, without gaps. */
  n: z.int().positive(),
  message: fromWorker
})

export function attemptFolder(n: number): string {
  return `attempt-${n}`
}

/** How a training process ends that works on a folder. */
export const FOLDER_EXIT = {
  done: 0,
  failed: 1,
  /** Stopped with a checkpoint: start it again. */
  paused: 75,
  /** A later attempt has taken over. */
  fenced: 76
} as const
