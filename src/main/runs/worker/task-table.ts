import type { ExampleSelection } from '../../datasets'
import type { TaskRun } from '../../../engine/tasks/shared/task-run'
import type { StopReason } from '../../../shared/domain/report'
import type { TaskName, TaskSpec } from '../../../shared/domain/task-spec'
import { checkCleanLabelInputs, performCleanLabel } from './perform-clean-label'
import { checkInputs, performDenoising } from './perform-denoising'
import { checkPoisoningInputs, performPoisoning } from './perform-poisoning'
import { checkEpisodes, performFewShot } from './perform-few-shot'
import { checkTuning, performTuning } from './perform-hyperparameters'
import { checkSynthetic, performSynthetic } from './perform-synthetic'

/** What a task hands back when its files are written; the rest of report.json is the same for all. */
export interface TaskOutcome {
  readonly stopped: StopReason
  readonly data: Record<string, unknown>
  readonly metrics: Record<string, unknown>
  readonly advice: readonly string[]
  readonly upperSteps: number
  readonly lowerSteps: number
  /** Seconds that the solver's steps took. */
  readonly solverSeconds?: number
}

/** Run a task on opened data and write its own files into `outputDir`. */
export type PerformTask = (
  selections: Readonly<Record<string, ExampleSelection>>,
  spec: TaskSpec,
  run: TaskRun,
  outputDir: string
) => Promise<TaskOutcome>

/** See that a task can run on these data, without training. @throws Failure bad-input */
export type CheckTask = (
  selections: Readonly<Record<string, ExampleSelection>>,
  spec: TaskSpec
) => void | Promise<void>

export interface Task {
  readonly check: CheckTask
  readonly perform: PerformTask
  /** What suits the task best where the spec leaves the choice. */
  readonly engine?: 'wasm'
}

/** One line a task. */
export const TASKS: Record<TaskName, Task> = {
  denoising: { check: checkInputs, perform: performDenoising },
  poisoning: {
    check: (selections, spec) =>
      (isCleanLabel(spec) ? checkCleanLabelInputs : checkPoisoningInputs)(selections, spec),
    perform: (selections, spec, run, outputDir) =>
      (isCleanLabel(spec) ? performCleanLabel : performPoisoning)(selections, spec, run, outputDir)
  },
  'few-shot': { check: checkEpisodes, perform: performFewShot },
  hyperparameters: { check: checkTuning, perform: performTuning },
  // Tensors of a few hundred numbers: what an operation costs at least decides, and WebAssembly's cost least.
  synthetic: { check: checkSynthetic, perform: performSynthetic, engine: 'wasm' }
}

function isCleanLabel(spec: TaskSpec): boolean {
  return spec.task === 'poisoning' && spec.attack === 'clean-label'
}
