import { methodName } from '../domain/method'
import type { Report } from '../domain/report'
import { tableSentence, tableSummary } from '../domain/table-columns'
import type { Method, TaskName, TaskSpec } from '../domain/task-spec'
import { denoising } from './denoising'
import { fewShot } from './few-shot'
import { hyperparameters } from './hyperparameters'
import { poisoning } from './poisoning'
import { synthetic } from './synthetic'
import type { Quality, TaskDefinition } from './task'

/** What the workbench can do, in the order in which people need it; one that is missing fails compilation. */
export const TASKS = {
  denoising,
  poisoning,
  'few-shot': fewShot,
  hyperparameters,
  synthetic
} satisfies { readonly [Name in TaskName]: TaskDefinition<Name> }

export type AnyTask = (typeof TASKS)[TaskName]
export const TASK_LIST: readonly AnyTask[] = Object.values(TASKS)

/** The definition that fits any spec or report: the one place where a task's own types give way. */
function definitionOf(task: TaskName): TaskDefinition<TaskName> {
  return TASKS[task] as unknown as TaskDefinition<TaskName>
}

/** What solves a run: its method, unless there is nothing to solve. */
export function solverWords(spec: TaskSpec): string {
  const isFirstLook = spec.task === 'denoising' && spec.trusted === false
  return isFirstLook ? 'first look' : methodName(spec.method)
}

/** The methods that can be raced on a task. */
export function raceMethods(spec: TaskSpec): readonly Method[] {
  return definitionOf(spec.task).methods(spec)
}

/** What the methods of a task are ranked by, the decisive number first. */
export function qualitiesOf(report: Report): Quality[] {
  return report.task === 'other-version' ? [] : definitionOf(report.task).qualities(report)
}

/** What came out of a run, in sentences; none where another version of the workbench wrote the report. */
export function resultSentences(report: Report): string[] {
  return report.task === 'other-version' ? [] : definitionOf(report.task).sentences(report)
}

/** What was learned from, where tables became more or fewer features than they have columns. */
export function dataSentences({ data }: Report): string[] {
  const summary = tableSummary.safeParse(data['representation']).data
  if (!summary || summary.roles.every(({ role, features }) => role === 'number' && features === 1)) return []
  return [tableSentence(summary)]
}

/** The curve that tells the quality of a task while it trains, of those that are there. */
export function tellingCurve(task: TaskName, present: ReadonlySet<string>): string {
  return TASKS[task].curves.find((name) => present.has(name)) ?? 'f'
}
