import * as z from 'zod'
import { cleanLabelMetrics } from './clean-label-metrics'
import { denoisingMetrics } from './denoising-metrics'
import { denoisingSpec } from './denoising-spec'
import { fewShotMetrics } from './few-shot-metrics'
import { fewShotSpec } from './few-shot-spec'
import { hyperparameterMetrics } from './hyperparameter-metrics'
import { hyperparametersSpec } from './hyperparameters-spec'
import { poisoningMetrics } from './poisoning-metrics'
import { poisoningSpec } from './poisoning-spec'
import { syntheticMetrics } from './synthetic-metrics'
import { syntheticSpec } from './synthetic-spec'

function schemas<Name extends string, Spec extends z.ZodType, Metrics extends z.ZodType>(
  task: Name,
  spec: Spec,
  metrics: Metrics
) {
  return { task, spec, metrics }
}

/** What each task is asked, and what it answers: who knows the task knows the metrics. */
export const TASK_SCHEMAS = [
  schemas('denoising', denoisingSpec, denoisingMetrics),
  // Attacks by added points have an `attack` among their metrics, those with true labels have `trials`.
  schemas('poisoning', poisoningSpec, z.union([poisoningMetrics, cleanLabelMetrics])),
  schemas('few-shot', fewShotSpec, fewShotMetrics),
  schemas('hyperparameters', hyperparametersSpec, hyperparameterMetrics),
  schemas('synthetic', syntheticSpec, syntheticMetrics)
] as const

export type TaskSchemas = typeof TASK_SCHEMAS
