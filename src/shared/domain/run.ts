import * as z from 'zod'
import { taskSpec } from './task-spec'
import { FAILURE_CODES } from './failure'

export const RUN_STATES = ['queued', 'running', 'pausing', 'paused', 'done', 'failed', 'cancelled'] as const
export const runState = z.enum(RUN_STATES)
export type RunState = z.infer<typeof runState>

/** Which state may follow which; the scheduler refuses every other change. */
export const NEXT_STATES: Readonly<Record<RunState, readonly RunState[]>> = {
  queued: ['running', 'cancelled'],
  running: ['pausing', 'paused', 'done', 'failed', 'cancelled'],
  pausing: ['paused', 'done', 'failed', 'cancelled'],
  paused: ['queued', 'cancelled'],
  done: [],
  failed: ['queued'],
  cancelled: ['queued']
}

/** Whether nothing more comes of a run by itself; a paused one waits to go on. */
export function hasRunEnded(state: RunState): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled'
}

export const failureSchema = z.object({
  code: z.enum(FAILURE_CODES),
  sentence: z.string(),
  remedy: z.string()
})

export const runRecord = z.object({
  id: z.string(),
  name: z.string(),
  /** What a person noted about it. */
  note: z.string().optional(),
  /** Words that it is found again by. */
  tags: z.array(z.string()).optional(),
  state: runState,
  spec: taskSpec,
  /** Folder that receives report.json and the rest. */
  outputDir: z.string(),
  /** Place in the queue; smaller runs first. */
  position: z.number(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  /** Process that trains it, while running. */
  pid: z.int().nullable(),
  failure: failureSchema.nullable(),
  phase: z.string().nullable(),
  fraction: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  /** Whether it can go on: from its checkpoint, or from the beginning where it was interrupted before the first. */
  resumable: z.boolean(),
  /** The sweep it belongs to. */
  sweep: z.string().optional(),
  /** Where it is trained; this machine without one. */
  place: z.string().optional()
})
export type RunRecord = z.infer<typeof runRecord>

/** How the phase of a run begins that waits in the queue of its place: to the workbench it is one that goes on there. */
export const WAITING_AT_PLACE = 'waiting in Slurm'

/** Whether a run waits in the queue of its place. */
export function waitsAtPlace({ state, place, phase }: Pick<RunRecord, 'state' | 'place' | 'phase'>): boolean {
  return state === 'running' && place !== undefined && (phase?.startsWith(WAITING_AT_PLACE) ?? false)
}
