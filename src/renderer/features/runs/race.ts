import { DATA_FIELDS, pinOf, type Pin } from '@shared/domain/pin'
import { raceMethods } from '@shared/domain/race-methods'
import { formatReference, parseReference } from '@shared/domain/reference'
import type { Method, TaskSpec } from '@shared/domain/task-spec'
import type { RunRecord } from '@shared/domain/run'
import type { DenoisingMetrics } from '@shared/domain/denoising-metrics'
import type { PoisoningMetrics } from '@shared/domain/poisoning-metrics'
import type { Report } from '@shared/domain/report'

/** A number that methods are compared by. */
export interface Quality {
  readonly name: string
  readonly value: number
  readonly better: 'higher' | 'lower'
  /** Shares are shown in percent. */
  readonly share: boolean
}

/** Whether two specs say the same but for the method: then their runs can be raced. */
export function sameButMethod(a: TaskSpec, b: TaskSpec): boolean {
  return canonical(a) === canonical(b)
}

/** Data count as what they held, whatever they were called. */
function canonical(spec: TaskSpec): string {
  const entries = Object.entries(spec).flatMap(([name, value]): [string, unknown][] => {
    if (name === 'method' || name === 'pins' || value === undefined) return []
    return [[name, typeof value === 'string' ? byContent(name, value, spec.pins) : value]]
  })
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function byContent(field: string, value: string, pins: readonly Pin[] | undefined): string {
  const file = pins?.find((pin) => pin.file === field && pin.source === value)
  if (file) return file.contentHash
  if (!pins || !DATA_FIELDS.some((name) => name === field)) return value
  const parts = pinOf(pins, value) ? [{ source: value }] : parseReference(value)
  return formatReference(
    parts.map((part) => {
      const pin = pinOf(pins, part.source)
      return pin ? { ...part, source: `${pin.contentHash} ${pin.corrections ?? ''}` } : part
    })
  )
}

/** The synthetic task compares the methods by itself. */
export function canRace({ task }: TaskSpec): boolean {
  return task !== 'synthetic'
}

/** Runs that already answer for a method: one that is done before one that is not, else the first of the list. */
export function raceOf(spec: TaskSpec, records: readonly RunRecord[]): ReadonlyMap<Method, RunRecord> {
  const runs = new Map<Method, RunRecord>()
  for (const method of raceMethods(spec)) {
    const own = records.filter(
      (record) =>
        record.spec.method === method &&
        record.state !== 'failed' &&
        record.state !== 'cancelled' &&
        sameButMethod(record.spec, spec)
    )
    const chosen = own.find(({ state }) => state === 'done') ?? own[0]
    if (chosen) runs.set(method, chosen)
  }
  return runs
}

/** What the methods of a task are ranked by, the decisive number first. */
export function qualitiesOf(report: Report): Quality[] {
  switch (report.task) {
    case 'denoising':
      return denoisingQualities(report.metrics)
    case 'poisoning':
      return 'attack' in report.metrics
        ? poisoningQualities(report.metrics)
        : share('targets hit, net of duplicates', report.metrics.netSuccessRate)
    case 'few-shot':
      return [
        ...share('accuracy on unseen classes', report.metrics.accuracy.mean),
        ...share('gain over pretrained features', report.metrics.gain.overPretrained.mean)
      ]
    case 'hyperparameters':
      return [
        ...plain('validation loss, tuned', report.metrics.validationLoss.tuned, 'lower'),
        ...share('test accuracy, tuned', report.metrics.testAccuracy.tuned)
      ]
    case 'synthetic':
    case 'other-version':
      return []
  }
}

/** What a classifier gains comes first; the weights alone say less, for they begin with what the trusted know. */
function denoisingQualities({ testAccuracy, heldBackAccuracy, evidence }: DenoisingMetrics): Quality[] {
  const accuracy = (on: string, of: Readonly<Record<string, number | null>>): Quality[] => [
    ...share(`${on}, retrained on what was kept`, of['cleaned']),
    ...share(`${on}, the run's own classifier`, of['bilevel'])
  ]
  const tested = accuracy('test accuracy', testAccuracy)
  return [
    ...(tested.length > 0 ? tested : accuracy('accuracy on held-back trusted', heldBackAccuracy)),
    ...plain('AUROC of the learned weights', evidence?.['weight']?.auroc, 'higher')
  ]
}

/** Damage is the attacker's quality; where nothing was tested, damage on validation counts. */
function poisoningQualities(metrics: PoisoningMetrics): Quality[] {
  const { on, testAccuracy, successRate } = metrics.testAccuracy.clean === null ? metrics.validation : metrics
  return [
    ...share(`${on} success rate gained`, difference(successRate?.poisoned, successRate?.clean)),
    ...share(`${on} accuracy lost`, difference(testAccuracy.clean, testAccuracy.poisoned))
  ]
}

type Measured = number | null | undefined

function difference(from: Measured, to: Measured): Measured {
  return from == null || to == null ? undefined : from - to
}

function share(name: string, value: Measured): Quality[] {
  return value == null ? [] : [{ name, value, better: 'higher', share: true }]
}

function plain(name: string, value: Measured, better: Quality['better']): Quality[] {
  return value == null ? [] : [{ name, value, better, share: false }]
}

/** Places that hold the best of the values present; none where fewer than two can be compared. */
export function bestOf(values: readonly (number | undefined)[], better: Quality['better']): boolean[] {
  const present = values.filter((value) => value !== undefined)
  if (present.length < 2 || new Set(present).size < 2) return values.map(() => false)
  const best = better === 'higher' ? Math.max(...present) : Math.min(...present)
  return values.map((value) => value === best)
}

/** Curves that tell the quality of a task while its runs train, the first that is there. */
const TELLING: Readonly<Record<TaskSpec['task'], readonly string[]>> = {
  denoising: ['extra.auroc', 'extra.heldBackAccuracy'],
  poisoning: ['extra.retrainedSuccessRate', 'extra.retrainedAccuracy'],
  'few-shot': ['extra.accuracy'],
  hyperparameters: ['extra.validationLoss'],
  synthetic: ['extra.distance']
}

export function tellingCurve(task: TaskSpec['task'], present: ReadonlySet<string>): string {
  return TELLING[task].find((name) => present.has(name)) ?? 'f'
}
