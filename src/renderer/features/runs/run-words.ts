import type { RunRecord, RunState } from '@shared/domain/run'
import type { TaskName } from '@shared/domain/task-spec'

export const STATE_WORDS: Readonly<Record<RunState, string>> = {
  queued: 'waiting',
  running: 'training',
  pausing: 'pausing',
  paused: 'paused',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled'
}

export const STATE_SEVERITY: Readonly<
  Record<RunState, 'info' | 'success' | 'danger' | 'secondary' | 'warn'>
> = {
  queued: 'secondary',
  running: 'info',
  pausing: 'warn',
  paused: 'warn',
  done: 'success',
  failed: 'danger',
  cancelled: 'secondary'
}

export const TASK_WORDS: Readonly<Record<TaskName, string>> = {
  denoising: 'Finding wrong labels',
  poisoning: 'Poisoning',
  'few-shot': 'Few-shot learning',
  hyperparameters: 'Tuning regularisation',
  synthetic: 'Known problems'
}

export const METHOD_WORDS: Readonly<Record<string, string>> = {
  penalty: 'Penalty',
  'approx-grad': 'ApproxGrad',
  rmd: 'RMD',
  gd: 'GD',
  'value-function': 'Value function'
}

export function hasEnded({ state }: RunRecord): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled'
}

/** Relative change below which a smoothed curve counts as level. */
const LEVEL = 0.02

/**
 * Whether a run still learns, from the last third of its losses, in a sentence.
 * @param f upper losses in order, oldest first
 */
export function convergenceWords(f: readonly number[]): string {
  if (f.length < 12) return 'It has just begun; the curves will tell in a moment.'
  if (f.some((value) => !Number.isFinite(value))) return 'The losses are no longer numbers: the run diverges.'
  const third = Math.floor(f.length / 3)
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length
  const before = mean(f.slice(-2 * third, -third))
  const now = mean(f.slice(-third))
  const change = (now - before) / Math.max(Math.abs(before), 1e-9)
  if (change < -LEVEL) return 'The loss on trusted examples is still falling: the run is learning.'
  if (change > 3 * LEVEL) {
    return 'The loss on trusted examples is rising. The best state so far is kept; a smaller step size may help.'
  }
  return 'The loss on trusted examples is level: the run has nearly converged.'
}
