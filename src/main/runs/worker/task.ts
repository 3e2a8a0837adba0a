import type { Solved, TaskRun } from '../../../engine/tasks/shared/task-run'
import type { DATA_FIELDS } from '../../../shared/domain/pin'
import type { Report, ReportOf } from '../../../shared/domain/report'
import {
  featureCountOf,
  type TableRepresentation,
  type TableSummary
} from '../../../shared/domain/table-columns'
import type { TaskName, TaskSpec } from '../../../shared/domain/task-spec'
import type { ExampleSelection } from '../../datasets'
import type { RunPlan } from '../protocol'

type Role = (typeof DATA_FIELDS)[number]
export type SpecOf<Name extends TaskName> = Extract<TaskSpec, { task: Name }>

/** Opened data by the fields of a task's spec that name them: what a spec must name is there, unless it is turned off. */
export type DataOf<Name extends TaskName> = {
  readonly [Field in keyof Pick<SpecOf<Name>, Role & keyof SpecOf<Name>>]:
    ExampleSelection | (false extends SpecOf<Name>[Field] ? undefined : never)
}

/** One run of a task: on what, by what settings, where its files go. */
export interface Order<Name extends TaskName> {
  /** What is trained on. */
  readonly data: DataOf<Name>
  /** The same examples as they came, where they are trained on as features. */
  readonly examples: DataOf<Name>
  /** Features of the examples by role, where the spec names an extractor. */
  readonly features?: Readonly<Record<string, ExampleSelection>>
  readonly spec: SpecOf<Name>
  readonly run: TaskRun
  readonly outputDir: string
}

/** What a task knows when its files are written. What it leaves out is as the training ended. */
export interface Written<Name extends TaskName> extends Partial<Solved> {
  readonly data: Report['data']
  readonly metrics: ReportOf<Name>['metrics']
}

/** What the training process must know of a task. */
export interface TaskSteps<Name extends TaskName, Result extends Solved> {
  /** See that the task can run on these data, without training. @throws Failure bad-input */
  check(data: DataOf<Name>, spec: SpecOf<Name>): void | Promise<void>
  train(order: Order<Name>): Promise<Result>
  /** Write the task's own files into the output folder, and say what report.json tells of them. */
  write(result: Result, order: Order<Name>): Promise<Written<Name>>
  /** What whoever starts the run should know of these data: told before it starts, when it does, and in its report. */
  warnings?(data: DataOf<Name>, spec: SpecOf<Name>): string[]
  /** How much there is to do, where that is known before. */
  plan?(data: DataOf<Name>, spec: SpecOf<Name>): Omit<RunPlan, 'data' | 'warnings'>
  /** The backend that suits the run better than the fastest one, where the spec leaves the choice. */
  suitedBackend?(data: DataOf<Name>, spec: SpecOf<Name>): 'wasm' | undefined
}

/** A task as the table holds it: its training and its writing in one, whatever passes between them. */
export interface Task<Name extends TaskName> extends Pick<
  TaskSteps<Name, Solved>,
  'check' | 'warnings' | 'plan' | 'suitedBackend'
> {
  trainAndWrite(order: Order<Name>): Promise<Solved & Written<Name>>
}

export function defineTask<Name extends TaskName, Result extends Solved>(
  steps: TaskSteps<Name, Result>
): Task<Name> {
  const { check, warnings, plan, suitedBackend } = steps
  return {
    check,
    warnings,
    plan,
    suitedBackend,
    async trainAndWrite(order) {
      const result = await steps.train(order)
      const written = await steps.write(result, order)
      const { stopped, advice, upperSteps, lowerSteps, solverSeconds } = result
      return { stopped, advice, upperSteps, lowerSteps, solverSeconds, ...written }
    }
  }
}

/** Examples by role, none of a role that is not named, how many the first leaves out, their shape and their classes. */
export function describeData(
  first: ExampleSelection,
  byRole: Readonly<Record<string, ExampleSelection | undefined>>
): Report['data'] {
  const counts = Object.entries(byRole).map(([role, selection]) => [role, selection?.count ?? 0] as const)
  const { shape, classNames, representation, leftOut } = first
  const table = representation ? { representation: describeTable(representation) } : {}
  const left = leftOut.size > 0 ? { leftOut: leftOut.size } : {}
  return { ...Object.fromEntries(counts), shape: [...shape], classes: [...classNames], ...left, ...table }
}

/** Columns of which a report says the role and why; more are counted. */
const MOST_COLUMNS = 1000

/** What became of the columns of a table, for report.json. */
function describeTable({ columns }: TableRepresentation): TableSummary {
  return {
    columns: columns.length,
    features: columns.reduce((sum, column) => sum + featureCountOf(column), 0),
    roles: columns.slice(0, MOST_COLUMNS).map((column) => ({
      name: column.name,
      role: column.role,
      features: featureCountOf(column),
      reason: column.reason ?? ''
    }))
  }
}
