import { DATA_FIELDS, pinOf, type Pin } from '@shared/domain/pin'
import { raceMethods } from '@shared/domain/race-methods'
import { formatReference, parseReference } from '@shared/domain/reference'
import type { Method, TaskSpec } from '@shared/domain/task-spec'
import type { RunRecord } from '@shared/domain/run'
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
  const { metrics } = report
  const shares = (name: string, ...path: string[]): Quality[] => found(metrics, path, name, 'higher', true)
  switch (report.task) {
    case 'denoising':
      return denoisingQualities(report)
    case 'poisoning':
      return poisoningQualities(report)
    case 'few-shot':
      return [
        ...shares('accuracy on unseen classes', 'accuracy', 'mean'),
        ...shares('gain over pretrained features', 'gain', 'overPretrained', 'mean')
      ]
    case 'hyperparameters':
      return [
        ...found(metrics, ['validationLoss', 'tuned'], 'validation loss, tuned', 'lower', false),
        ...shares('test accuracy, tuned', 'testAccuracy', 'tuned')
      ]
    default:
      return []
  }
}

/** What a classifier gains comes first; the weights alone say less, for they begin with what the trusted know. */
function denoisingQualities({ metrics }: Report): Quality[] {
  const accuracy = (on: string, group: string): Quality[] => [
    ...found(metrics, [group, 'cleaned'], `${on}, retrained on what was kept`, 'higher', true),
    ...found(metrics, [group, 'bilevel'], `${on}, the run's own classifier`, 'higher', true)
  ]
  const tested = accuracy('test accuracy', 'testAccuracy')
  return [
    ...(tested.length > 0 ? tested : accuracy('accuracy on held-back trusted', 'heldBackAccuracy')),
    ...found(metrics, ['evidence', 'weight', 'auroc'], 'AUROC of the learned weights', 'higher', false)
  ]
}

/** Damage is the attacker's quality; where nothing was tested, damage on validation counts. */
function poisoningQualities({ metrics }: Report): Quality[] {
  const net = found(metrics, ['netSuccessRate'], 'targets hit, net of duplicates', 'higher', true)
  if (net.length > 0) return net
  const tested = found(metrics, ['testAccuracy', 'clean'], '', 'higher', true).length > 0
  const place = tested ? [] : ['validation']
  const on = tested ? 'test' : 'validation'
  const drop = difference(metrics, [...place, 'testAccuracy'], ['clean', 'poisoned'])
  const success = difference(metrics, [...place, 'successRate'], ['poisoned', 'clean'])
  return [
    ...(success === undefined
      ? []
      : [{ name: `${on} success rate gained`, value: success, better: 'higher' as const, share: true }]),
    ...(drop === undefined
      ? []
      : [{ name: `${on} accuracy lost`, value: drop, better: 'higher' as const, share: true }])
  ]
}

function difference(
  metrics: unknown,
  path: readonly string[],
  [from, to]: readonly [string, string]
): number | undefined {
  const a = numberAt(metrics, [...path, from])
  const b = numberAt(metrics, [...path, to])
  return a === undefined || b === undefined ? undefined : a - b
}

function found(
  metrics: unknown,
  path: readonly string[],
  name: string,
  better: Quality['better'],
  share: boolean
): Quality[] {
  const value = numberAt(metrics, path)
  return value === undefined ? [] : [{ name, value, better, share }]
}

function numberAt(value: unknown, path: readonly string[]): number | undefined {
  const end = path.reduce<unknown>(
    (part, name) =>
      typeof part === 'object' && part !== null ? (part as Record<string, unknown>)[name] : undefined,
    value
  )
  return typeof end === 'number' ? end : undefined
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
