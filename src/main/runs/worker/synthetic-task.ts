import path from 'node:path'
import { trainSynthetic } from '../../../engine/tasks/synthetic/train'
import type { SyntheticCurve, SyntheticResult } from '../../../engine/tasks/synthetic/train'
import type { Solved } from '../../../engine/tasks/shared/task-run'
import { SYNTHETIC_DEFINITIONS } from '../../../engine/tasks/synthetic/problem'
import { syntheticSettings } from '../../../engine/tasks/synthetic/settings'
import type { SyntheticMethodMetrics, SyntheticMetrics } from '../../../shared/domain/synthetic-metrics'
import { drawCurves } from './draw-curves'
import { defineTask } from './task'
import { writeAtomically } from '../../files/write-atomically'

/** Leaves errors.csv and picture.svg besides report.json. */
export const synthetic = defineTask<'synthetic', SyntheticResult & Solved>({
  // Tensors of a few hundred numbers: what an operation costs at least decides, and WebAssembly's cost least.
  suitedBackend: () => 'wasm',

  /** There are no data that could be wrong; the schema has seen the rest. */
  check: () => undefined,

  async train({ spec, run }) {
    const result = await trainSynthetic(spec, run)
    const advice = result.curves.flatMap(({ problem, method, diverged }) =>
      diverged ? [`${problem}, ${method}: ${diverged}`] : []
    )
    return { ...result, advice }
  },

  async write({ curves }, { spec, outputDir }) {
    const problems = syntheticSettings(spec).problems.map(
      (problem) => [problem, SYNTHETIC_DEFINITIONS[problem].formula] as const
    )
    await writeAtomically(path.join(outputDir, 'errors.csv'), csv(curves))
    const panels = problems.map(([problem, formula]) => ({
      title: problem,
      subtitle: formula,
      curves: curves
        .filter((curve) => curve.problem === problem)
        .map(({ method, points }) => ({ name: method, points }))
    }))
    await writeAtomically(
      path.join(outputDir, 'picture.svg'),
      drawCurves(panels.filter((panel) => panel.curves.length > 0))
    )
    const metrics: SyntheticMetrics = { problems: {} }
    for (const curve of curves) {
      const methods = (metrics.problems[curve.problem] ??= {})
      methods[curve.method] = metricsOf(curve)
    }
    const { trials, dimension, condition } = spec
    return { data: { trials, dimension, condition, problems: Object.fromEntries(problems) }, metrics }
  }
})

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
