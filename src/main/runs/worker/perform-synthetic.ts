import path from 'node:path'
import { runSynthetic } from '../../../engine/tasks/synthetic/train'
import type { SyntheticCurve } from '../../../engine/tasks/synthetic/train'
import { SYNTHETIC_DEFINITIONS } from '../../../engine/tasks/synthetic/problem'
import { syntheticSettings } from '../../../engine/tasks/synthetic/settings'
import type { SyntheticMethodMetrics, SyntheticMetrics } from '../../../shared/domain/synthetic-metrics'
import { drawCurves } from './draw-curves'
import type { CheckTask, PerformTask } from './task-table'
import { writeWhole } from '../../files/write-whole'

/** There are no data that could be wrong; the schema has seen the rest. */
export const checkSynthetic: CheckTask = (_selections, spec) => {
  if (spec.task !== 'synthetic') throw new Error(`A ${spec.task} spec reached the synthetic problems.`)
}

/** errors.csv and picture.svg: what a race on the synthetic problems leaves besides report.json. */
export const performSynthetic: PerformTask = async (_selections, spec, run, outputDir) => {
  if (spec.task !== 'synthetic') throw new Error(`A ${spec.task} spec reached the synthetic problems.`)
  const result = await runSynthetic(spec, run)
  const { problems } = syntheticSettings(spec)
  await writeWhole(path.join(outputDir, 'errors.csv'), csv(result.curves))
  await writeWhole(
    path.join(outputDir, 'picture.svg'),
    drawCurves(
      problems
        .map((problem) => ({
          title: problem,
          subtitle: SYNTHETIC_DEFINITIONS[problem].formula,
          curves: result.curves
            .filter((curve) => curve.problem === problem)
            .map(({ method, points }) => ({ name: method, points }))
        }))
        .filter(({ curves }) => curves.length > 0)
    )
  )
  const metrics: SyntheticMetrics = { problems: {} }
  for (const curve of result.curves) {
    const methods = (metrics.problems[curve.problem] ??= {})
    methods[curve.method] = metricsOf(curve)
  }
  const formulas = problems.map((problem) => [problem, SYNTHETIC_DEFINITIONS[problem].formula] as const)
  return {
    stopped: result.stopped,
    data: {
      trials: spec.trials,
      dimension: spec.dimension,
      condition: spec.condition,
      problems: Object.fromEntries(formulas)
    },
    metrics: { ...metrics },
    advice: result.curves.flatMap(({ problem, method, diverged }) =>
      diverged ? [`${problem}, ${method}: ${diverged}`] : []
    ),
    upperSteps: result.upperSteps,
    lowerSteps: result.lowerSteps,
    solverSeconds: result.solverSeconds
  }
}

function metricsOf({ points, optimistic, tensorBytes, diverged }: SyntheticCurve): SyntheticMethodMetrics {
  const { step, seconds, mean, std, max } = points.at(-1)!
  return {
    error: { mean, std, max },
    optimisticError: optimistic,
    upperSteps: step,
    seconds,
    secondsPerStep: step > 0 ? seconds / step : 0,
    tensorBytes,
    diverged: diverged !== undefined
  }
}

function csv(curves: readonly SyntheticCurve[]): string {
  const lines = ['problem,method,lower_steps,step,seconds,mean,std,max']
  for (const { problem, method, lowerSteps, points } of curves) {
    for (const { step, seconds, mean, std, max } of points) {
      lines.push([problem, method, lowerSteps, step, seconds.toFixed(4), mean, std, max].join(','))
    }
  }
  return `${lines.join('\n')}\n`
}
