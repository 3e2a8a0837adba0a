import type { TaskName, TaskSpec } from '../../../shared/domain/task-spec'
import type { ExampleSelection } from '../../datasets'
import type { RunPlan } from '../protocol'
import { denoising } from './denoising-task'
import { fewShot } from './few-shot-task'
import { hyperparameters } from './hyperparameters-task'
import { poisoning } from './poisoning-task'
import { synthetic } from './synthetic-task'
import type { DataOf, SpecOf, Task } from './task'

/** One line a task; one that is missing fails compilation. */
const TASKS = {
  denoising,
  poisoning,
  'few-shot': fewShot,
  hyperparameters,
  synthetic
} satisfies { readonly [Name in TaskName]: Task<Name> }

/** Data by role as `openInputs` opens what a spec names. */
export type Selections = Readonly<Record<string, ExampleSelection>>

/** The task of a spec: the one place where a task's own types give way to any task's. */
export function taskOf({ task }: TaskSpec): Task<TaskName> {
  return TASKS[task] as unknown as Task<TaskName>
}

/** @throws Failure bad-input where the task cannot run on these data */
export async function checkTask(selections: Selections, spec: TaskSpec): Promise<void> {
  await taskOf(spec).check(selections as DataOf<TaskName>, spec)
}

/** What whoever starts a run should know of its data. */
export function warningsOf(selections: Selections, spec: TaskSpec): string[] {
  return taskOf(spec).warnings?.(selections as DataOf<TaskName>, spec as SpecOf<TaskName>) ?? []
}

/** The backend that suits a run better than the fastest one, where there is such. */
export function suitedBackendOf(selections: Selections, spec: TaskSpec): 'wasm' | undefined {
  return taskOf(spec).suitedBackend?.(selections as DataOf<TaskName>, spec as SpecOf<TaskName>)
}

/** How much a run would have to do, from its spec and the sizes of its data. */
export function planRun(selections: Selections, spec: TaskSpec): Omit<RunPlan, 'warnings'> {
  const data = Object.entries(selections).map(([role, selection]) => ({
    role,
    reference: selection.reference,
    count: selection.count,
    classes: selection.classNames.length,
    shape: [...selection.shape],
    poisoned: selection.poisoned
  }))
  const plan = taskOf(spec).plan?.(selections as DataOf<TaskName>, spec as SpecOf<TaskName>)
  return { data, ...(plan ?? { lowerSteps: null, batchSize: null, parameters: null }) }
}
