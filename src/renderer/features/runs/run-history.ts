import { PointBuffer } from '@renderer/charts/point-buffer'
import type { Point } from '@renderer/charts/point-buffer'
import type { LogEvent, MetricEvent, RunEvent, SnapshotEvent, WeightsEvent } from '@shared/domain/run-event'

/** Points by metric name. */
export type Series = Readonly<Record<string, readonly Point[]>>

/** Numbers of a metric event that are drawn. */
const NUMBERS = [
  'f',
  'g',
  'penaltyTerm',
  'multiplierTerm',
  'gradNormG',
  'gradNormUpper',
  'gradNormLower',
  'gamma',
  'lambda',
  'eps',
  'lrUpper',
  'lrLower',
  'lowerStepsPerSecond'
] as const satisfies readonly (keyof MetricEvent)[]

/** Histograms kept: one an epoch, thinned for runs of very many. */
const MOST_WEIGHTS = 200
const MOST_LOGS = 200

const HELD_BACK = ['extra.heldBackLoss', 'extra.heldBackAccuracy']

/** The numbers that were measured: runs of earlier versions wrote losses below zero where nothing was held back. */
function measured(series: Series): Series {
  const isReal = (series['extra.heldBackLoss'] ?? []).every(([, loss]) => loss >= 0)
  if (isReal) return series
  return Object.fromEntries(Object.entries(series).filter(([key]) => !HELD_BACK.includes(key)))
}

/** What a run has told, as far as its page shows it: of a bounded size however long the run is. */
export class RunHistory {
  readonly #buffers = new Map<string, { readonly steps: PointBuffer; readonly times: PointBuffer }>()
  weights: readonly WeightsEvent[] = []
  snapshot: SnapshotEvent | undefined
  logs: readonly LogEvent[] = []
  /** How long the run had taken when it told the newest. */
  seconds = 0
  /** Most bytes that tensors have held in a step so far. */
  tensorBytes = 0

  take(events: readonly RunEvent[]): void {
    for (const event of events) {
      if (event.type === 'metric') this.#takeMetric(event)
      else if (event.type === 'weights') {
        const next = [...this.weights, event]
        this.weights = next.length > MOST_WEIGHTS ? next.filter((_, i) => i % 2 === 1) : next
      } else if (event.type === 'snapshot') this.snapshot = event
      else if (event.type === 'log') this.logs = [...this.logs.slice(-MOST_LOGS), event]
    }
  }

  /** Points over steps, or over seconds. */
  series(axis: 'steps' | 'times'): Series {
    return measured(
      Object.fromEntries([...this.#buffers].map(([name, buffer]) => [name, buffer[axis].points()]))
    )
  }

  /** Whether news begin before what is known: a run that goes on from a checkpoint tells again what came after it. */
  hasRestarted(news: readonly RunEvent[]): boolean {
    const next = news.find((event) => event.type === 'metric')
    return next !== undefined && next.seconds < this.seconds
  }

  #takeMetric(event: MetricEvent): void {
    this.seconds = event.seconds
    this.tensorBytes = Math.max(this.tensorBytes, event.tensorBytes ?? 0)
    for (const name of NUMBERS) this.#addPoint(name, event, event[name])
    for (const [name, value] of Object.entries(event.extra ?? {})) {
      this.#addPoint(`extra.${name}`, event, value)
    }
  }

  #addPoint(name: string, { step, seconds }: MetricEvent, value: number | undefined): void {
    if (value === undefined || !Number.isFinite(value)) return
    let buffer = this.#buffers.get(name)
    if (!buffer) this.#buffers.set(name, (buffer = { steps: new PointBuffer(), times: new PointBuffer() }))
    buffer.steps.add(step, value)
    buffer.times.add(seconds, value)
  }
}
