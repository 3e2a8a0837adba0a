import type * as z from 'zod'
import { badInput } from '../../shared/domain/failure'
import { flagOf } from '../../shared/domain/flags'
import type { Report } from '../../shared/domain/report'
import { hasRunEnded } from '../../shared/domain/run'
import type { RunRecord } from '../../shared/domain/run'
import { pointsOf } from '../../shared/domain/sweep'
import type { SweepAxis, SweepPoint, SweepRecord, SweepTable } from '../../shared/domain/sweep'
import type { TaskSpec } from '../../shared/domain/task-spec'
import { TASKS } from '../../shared/tasks'
import { pointWords, sweepTableOf } from '../../shared/tasks/sweep-table'
import { readReport } from './estimate-run'
import { createRun, nameOf, newId } from './train-run'
import type { Workspace } from './workspace'

/** A run of a sweep before it is recorded. */
export interface SweptSpec {
  readonly spec: TaskSpec
  readonly point: SweepPoint
}

/**
 * The specs of a sweep, in the order of its points.
 * @throws Failure bad-input that names the field and the value that the task does not take
 */
export function specsOfSweep(base: SweepPoint, axes: readonly SweepAxis[]): SweptSpec[] {
  const { schema } = TASKS[base['task'] as keyof typeof TASKS]
  if (axes.length === 0) throw badInput('Nothing varies in this sweep.', 'Give --seed, --method or --set.')
  const twice = axes.find(({ field }, i) => axes.findIndex((other) => other.field === field) < i)
  if (twice) throw badInput(`--${flagOf(twice.field)} is varied twice.`, 'Vary each field once.')
  return pointsOf(axes).map((point) => ({ spec: checked(schema, { ...base, ...point }), point }))
}

function checked(schema: z.ZodObject, values: SweepPoint): TaskSpec {
  const result = schema.safeParse(values)
  if (result.success) return result.data as TaskSpec
  const [issue] = result.error.issues
  const field = String(issue?.path[0] ?? 'task')
  const said = JSON.stringify(values[field]) ?? 'missing'
  throw badInput(
    `--${flagOf(field)} is ${said.slice(0, 120)}: ${issue?.message.toLowerCase()}.`,
    'Take a value that the field has.'
  )
}

export interface SweepOrder {
  readonly workspace: Workspace
  readonly axes: readonly SweepAxis[]
  readonly runs: readonly (SweptSpec & { readonly outputDir?: string })[]
  readonly name?: string | undefined
  readonly place?: string | undefined
}

/** Record a sweep with all its runs, queued for a scheduler: all of them or none. */
export function createSweep({ workspace, axes, runs, name, place }: SweepOrder): {
  sweep: SweepRecord
  runs: RunRecord[]
} {
  const title = name ?? (runs[0] ? nameOf(runs[0].spec) : 'Sweep')
  const sweep = { id: newId(), name: title, axes: [...axes], createdAt: new Date().toISOString() }
  const records = workspace.sweeps.create(sweep, () =>
    runs.map(({ spec, point, outputDir }) =>
      createRun({
        workspace,
        spec,
        outputDir,
        name: `${title} (${pointWords(point)})`,
        scheduled: true,
        sweep: sweep.id,
        place
      })
    )
  )
  return { sweep, runs: records }
}

/** A sweep as it stands. @throws Failure not-found */
export function sweepOf(
  { store, sweeps }: Pick<Workspace, 'store' | 'sweeps'>,
  id: string
): { sweep: SweepRecord; table: SweepTable; runs: RunRecord[] } {
  const sweep = sweeps.get(id)
  const runs = store.ofSweep(id)
  const table = sweepTableOf(
    sweep.axes,
    runs.map((run) => ({ ...run, report: hasRunEnded(run.state) ? endedReport(run) : undefined }))
  )
  return { sweep, table, runs }
}

/** Reports of ended runs: they do not change, and the table of a large sweep reads them after every end. */
const ended = new Map<string, Report>()

function endedReport({ id, endedAt, outputDir }: RunRecord): Report | undefined {
  const key = `${id} ${endedAt}`
  const known = ended.get(key) ?? readReport(outputDir)
  if (known) ended.set(key, known)
  const [oldest] = ended.keys()
  if (ended.size > 2000 && oldest !== undefined) ended.delete(oldest)
  return known
}
