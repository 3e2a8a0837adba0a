import { METHODS } from '@shared/domain/task-spec'
import type { SyntheticCurve, SyntheticMethodMetrics } from '@shared/domain/synthetic-metrics'
import type { Point } from '@renderer/charts/point-buffer'
import { methodName } from '@shared/domain/method'

/** One method on one problem, as a row shows it. */
export interface SyntheticRow {
  readonly method: string
  readonly name: string
  readonly metrics: SyntheticMethodMetrics
  /** Nearest to the solution among the methods that did not diverge. */
  readonly nearest: boolean
}

/** Methods in their usual order, the nearest marked. */
export function syntheticRows(methods: Readonly<Record<string, SyntheticMethodMetrics>>): SyntheticRow[] {
  const order = [...METHODS, ...Object.keys(methods)].filter(
    (method, i, all) => methods[method] && all.indexOf(method) === i
  )
  const errors = order
    .filter((method) => !methods[method]!.diverged)
    .map((method) => methods[method]!.error.mean)
  const least = Math.min(...errors)
  return order.map((method) => {
    const metrics = methods[method]!
    return {
      method,
      name: methodName(method),
      metrics,
      nearest: order.length > 1 && !metrics.diverged && metrics.error.mean === least
    }
  })
}

/** Curves of one problem over steps or over the methods' own seconds. */
export function syntheticSeries(
  curves: readonly SyntheticCurve[],
  problem: string,
  axis: 'steps' | 'seconds'
): { name: string; method: string; points: Point[] }[] {
  return curves
    .filter((curve) => curve.problem === problem)
    .map(({ method, points }) => ({
      name: methodName(method),
      method,
      points: points.map(({ step, seconds, mean }): Point => [axis === 'steps' ? step : seconds, mean])
    }))
}

/** Distances over many decades: 1.25, 0.018, 8.4e-4. */
export function distance(value: number): string {
  if (!Number.isFinite(value)) return '∞'
  if (value === 0) return '0'
  const size = Math.abs(value)
  return size >= 0.001 && size < 1000 ? String(Number(value.toPrecision(3))) : value.toExponential(1)
}
