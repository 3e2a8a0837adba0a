import { DATA_FIELDS, pinOf, type Pin } from '@shared/domain/pin'
import { raceMethods } from '@shared/tasks'
import { formatReference, parseReference } from '@shared/domain/reference'
import type { Method, TaskSpec } from '@shared/domain/task-spec'
import type { RunRecord } from '@shared/domain/run'

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
