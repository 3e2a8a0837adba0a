import * as z from 'zod'
import { TASK_SCHEMAS } from './task-schemas'
import type { TaskSchemas } from './task-schemas'
import { taskSpec } from './task-spec'
import type { TaskName } from './task-spec'

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

function reportOf<Name extends string, Metrics extends z.ZodType, Spec extends z.ZodType>(
  task: Name,
  metrics: Metrics,
  spec: Spec
) {
  return z.object({
    schema: z.literal(1),
    task: z.literal(task),
    method: z.string(),
    model: z.string(),
    seed: z.int(),
    stopped: stopReason,
    backend: backendInfo,
    data: z.record(z.string(), z.unknown()),
    metrics,
    timing: z.object({
      seconds: z.number(),
      upperSteps: z.int(),
      lowerSteps: z.int(),
      lowerStepsPerSecond: z.number()
    }),
    memory: z.object({ peakRssMiB: z.number(), peakTensorMiB: z.number() }),
    /** What the reader should know before using the result, in sentences. */
    advice: z.array(z.string()).default([]),
    spec
  })
}

type ReportSchema<Of extends { task: string; metrics: z.ZodType; spec: z.ZodType }> = ReturnType<
  typeof reportOf<Of['task'], Of['metrics'], Of['spec']>
>
type Reports<All extends TaskSchemas> = { readonly [Place in keyof All]: ReportSchema<All[Place]> }

const reports = TASK_SCHEMAS.map(({ task, metrics, spec }) =>
  reportOf(task, metrics, spec)
) as unknown as Reports<TaskSchemas>

/** What a run found, by its task. */
export const report = z.discriminatedUnion('task', [
  ...reports,
  // No file says this: the spec tells the task, the metrics are as another version of the workbench wrote them.
  reportOf('other-version', z.record(z.string(), z.unknown()), taskSpec)
])
export type Report = z.infer<typeof report>
export type ReportOf<Name extends TaskName | 'other-version'> = Extract<Report, { task: Name }>

/** A report.json as read, whichever version wrote it. @throws ZodError when it is no report */
export function parseReport(value: unknown): Report {
  const own = report.safeParse(value)
  return own.success ? own.data : report.parse({ ...Object(value), task: 'other-version' })
}
