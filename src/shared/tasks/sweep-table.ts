import { methodName } from '../domain/method'
import { fieldTitle } from '../domain/field-titles'
import type { Report } from '../domain/report'
import type { RunState } from '../domain/run'
import type { SweepAxis, SweepCell, SweepMeasure, SweepPoint, SweepTable } from '../domain/sweep'
import type { TaskSpec } from '../domain/task-spec'
import { percent } from '../words/numbers'
import { bestOf } from './best-of'
import { qualitiesOf } from '.'

/** A run of a sweep, as far as its table needs it. */
export interface SweptRun {
  readonly id: string
  readonly state: RunState
  readonly spec: TaskSpec
  readonly report?: Report | undefined
}

/** Over these the mean is taken. */
const REPEATED = 'seed'
const TIME: SweepMeasure = { name: 'seconds', better: 'lower', share: false }

/** The runs of a sweep as one table: mean, deviation and best of each combination over its seeds. */
export function sweepTableOf(axes: readonly SweepAxis[], runs: readonly SweptRun[]): SweepTable {
  const fields = axes.map(({ field }) => field).filter((field) => field !== REPEATED)
  const groups = new Map<string, SweptRun[]>()
  for (const run of runs) {
    const key = JSON.stringify(Object.values(pointOf(run.spec, fields)))
    groups.set(key, [...(groups.get(key) ?? []), run])
  }
  const measured = new Map(runs.map((run) => [run.id, numbersOf(run)]))
  const measures = [...measured.values()]
    .flat()
    .map(({ measure }) => measure)
    .filter((measure, i, all) => all.findIndex(({ name }) => name === measure.name) === i)
    .sort((a, b) => Number(a.name === TIME.name) - Number(b.name === TIME.name))
  const rows = [...groups.values()].map((members) => ({
    point: pointOf(members[0]!.spec, fields),
    runs: members.map(({ id, state, spec }) => ({ id, state, seed: spec.seed })),
    cells: measures.map((measure) => cellOf(measure, members, measured))
  }))
  measures.forEach(({ better }, column) => {
    const leads = bestOf(
      rows.map(({ cells }) => cells[column]?.mean),
      better
    )
    rows.forEach(({ cells }, i) => {
      const cell = cells[column]
      if (cell) cells[column] = { ...cell, leads: leads[i] ?? false }
    })
  })
  return { fields, measures, rows }
}

/** What of a spec varies in a sweep. */
function pointOf(spec: TaskSpec, fields: readonly string[]): Record<string, unknown> {
  const named: Readonly<Record<string, unknown>> = { ...spec }
  return Object.fromEntries(fields.map((field) => [field, named[field] ?? null]))
}

interface Measured {
  readonly measure: SweepMeasure
  readonly value: number
}

function numbersOf({ report }: SweptRun): Measured[] {
  if (!report) return []
  const qualities = qualitiesOf(report).map(({ name, better, share, value }) => ({
    measure: { name, better, share },
    value
  }))
  return [...qualities, { measure: TIME, value: report.timing.seconds }].filter(({ value }) =>
    Number.isFinite(value)
  )
}

function cellOf(
  { name, better }: SweepMeasure,
  members: readonly SweptRun[],
  measured: ReadonlyMap<string, readonly Measured[]>
): SweepCell | null {
  const values = members.flatMap(({ id }) =>
    (measured.get(id) ?? []).filter(({ measure }) => measure.name === name).map(({ value }) => value)
  )
  if (values.length === 0) return null
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const deviation = values.length < 2 ? null : Math.sqrt(squares / (values.length - 1))
  const best = better === 'higher' ? Math.max(...values) : Math.min(...values)
  return { count: values.length, mean, deviation, best, leads: false }
}

/** One combination in words: "batch size 50, Penalty, seed 3". */
export function pointWords(point: SweepPoint): string {
  return Object.entries(point)
    .map(([field, value]) => {
      const words = valueWords(field, value)
      return field === 'method' ? words : `${fieldTitle(field).toLowerCase()} ${words}`
    })
    .join(', ')
}

/** A value of a field as a table shows it. */
export function valueWords(field: string, value: unknown): string {
  if (value === null || value === undefined) return 'default'
  if (field === 'method' && typeof value === 'string') return methodName(value)
  return Array.isArray(value) ? value.join(', ') : String(value)
}

/** "91.2 % ± 0.4" or "0.913 ± 0.012"; the deviation of a share in percentage points. */
export function meanWords({ share }: SweepMeasure, cell: SweepCell | null): string {
  if (!cell) return '–'
  const { mean, deviation } = cell
  if (share) return deviation === null ? percent(mean) : `${percent(mean)} ± ${(deviation * 100).toFixed(1)}`
  const short = (value: number): string => String(Number(value.toPrecision(4)))
  return deviation === null ? short(mean) : `${short(mean)} ± ${Number(deviation.toPrecision(2))}`
}

/** The best of the runs behind a cell. */
export function bestWords({ share }: SweepMeasure, cell: SweepCell | null): string {
  if (!cell) return '–'
  return share ? percent(cell.best) : String(Number(cell.best.toPrecision(4)))
}

/** The table as records of a CSV file, the heading first; numbers in full. */
export function sweepRecords({ fields, measures, rows }: SweepTable): string[][] {
  const heading = measures.flatMap(({ name }) => [`${name}: mean`, `${name}: deviation`, `${name}: best`])
  return [
    [...fields, 'runs', 'done', ...heading],
    ...rows.map(({ point, runs, cells }) => [
      ...fields.map((field) => cellText(point[field])),
      String(runs.length),
      String(runs.filter(({ state }) => state === 'done').length),
      ...cells.flatMap((cell) =>
        cell ? [String(cell.mean), String(cell.deviation ?? ''), String(cell.best)] : ['', '', '']
      )
    ])
  ]
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
