import * as z from 'zod'
import { TASK_SCHEMAS } from './task-schemas'
import type { TaskSchemas } from './task-schemas'

export { METHODS } from './method'
export type { Method } from './method'
export { MODELS, backendChoice } from './task-fields'
export type { BackendChoice } from './task-fields'
export { denoisingSpec } from './denoising-spec'
export type { DenoisingSpec } from './denoising-spec'
export { fewShotSpec } from './few-shot-spec'
export type { FewShotSpec } from './few-shot-spec'
export { hyperparametersSpec } from './hyperparameters-spec'
export type { HyperparametersSpec } from './hyperparameters-spec'
export { poisoningSpec } from './poisoning-spec'
export type { PoisoningSpec } from './poisoning-spec'
export { SYNTHETIC_PROBLEMS, syntheticSpec } from './synthetic-spec'
export type { SyntheticProblemName, SyntheticSpec } from './synthetic-spec'

type Specs<All extends TaskSchemas> = { readonly [Place in keyof All]: All[Place]['spec'] }

/**
 * What a run does, as data. The command line, spec.yaml, the window's form and the training process all use
 * these schemas; the descriptions are the texts that the form and `--help` show.
 */
export const taskSpec = z.discriminatedUnion(
  'task',
  TASK_SCHEMAS.map(({ spec }) => spec) as unknown as Specs<TaskSchemas>
)
export type TaskSpec = z.infer<typeof taskSpec>
export type TaskName = TaskSpec['task']
