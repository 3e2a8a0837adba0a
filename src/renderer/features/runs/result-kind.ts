import type { z } from 'zod'
import { cleanLabelMetrics } from '@shared/domain/clean-label-metrics'
import { fewShotMetrics } from '@shared/domain/few-shot-metrics'
import { hyperparameterMetrics } from '@shared/domain/hyperparameter-metrics'
import { denoisingMetrics, poisoningMetrics } from '@shared/domain/report'
import type { Report } from '@shared/domain/report'
import { syntheticMetrics } from '@shared/domain/synthetic-metrics'

const METRICS = {
  denoising: denoisingMetrics,
  poisoning: poisoningMetrics,
  'clean-label': cleanLabelMetrics,
  'few-shot': fewShotMetrics,
  hyperparameters: hyperparameterMetrics,
  synthetic: syntheticMetrics
} as const satisfies Record<string, z.ZodType>

export type ResultKind = keyof typeof METRICS

/** How a report is shown; undefined where its metrics are not as this version writes them. */
export function resultKind({ spec, metrics }: Pick<Report, 'spec' | 'metrics'>): ResultKind | undefined {
  const kind = spec.task === 'poisoning' && spec.attack === 'clean-label' ? 'clean-label' : spec.task
  return METRICS[kind].safeParse(metrics).success ? kind : undefined
}
