import { waitsAtPlace } from '@shared/domain/run'
import type { Report } from '@shared/domain/report'
import type { RunRecord, RunState } from '@shared/domain/run'
import { count, duration } from '@shared/words/numbers'

export const STATE_WORDS: Readonly<Record<RunState, string>> = {
  queued: 'waiting',
  running: 'training',
  pausing: 'pausing',
  paused: 'paused',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled'
}

/** As STATE_WORDS, where a run that goes on at a place may wait there. */
export function stateWords(record: Pick<RunRecord, 'state' | 'place' | 'phase'>): string {
  return waitsAtPlace(record) ? STATE_WORDS.queued : STATE_WORDS[record.state]
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

/** Relative change below which a smoothed curve counts as level. */
const LEVEL = 0.02

/**
 * Whether a run still learns, from the last two thirds of its losses, in a sentence. A difference that the noise of
 * the batches explains counts as none.
 * @param f upper losses in order, oldest first; better those of held-back examples, which rise only when the run
 *   gets worse (f itself begins low: the classifier was pretrained on its examples)
 * @param fewest losses that tell anything
 */
export function convergenceWords(f: readonly number[], fewest = 12): string {
  if (f.length === 0) return 'The curves begin when the steps on both levels do.'
  if (f.length < fewest) return 'These are too few steps to tell from the curves whether it still learns.'
  if (f.some((value) => !Number.isFinite(value))) return 'The losses are no longer numbers: the run diverges.'
  const third = Math.floor(f.length / 3)
  const before = meanAndError(f.slice(-2 * third, -third))
  const now = meanAndError(f.slice(-third))
  const noise = (2 * Math.hypot(before.error, now.error)) / Math.max(Math.abs(before.mean), 1e-9)
  const change = (now.mean - before.mean) / Math.max(Math.abs(before.mean), 1e-9)
  if (change < -Math.max(LEVEL, noise)) {
    return 'The loss on trusted examples is still falling: the run is learning.'
  }
  if (change > Math.max(3 * LEVEL, noise)) {
    return 'The loss on trusted examples is rising. The best state so far is kept; a smaller step size may help.'
  }
  return noise > 3 * LEVEL
    ? 'The loss on trusted examples goes up and down from batch to batch; no trend stands out yet.'
    : 'The loss on trusted examples is level: the run has nearly converged.'
}

/** The mean of some losses, and its standard error. */
function meanAndError(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  return { mean, error: Math.sqrt(variance / values.length) }
}

const STOPPED: Readonly<Record<Report['stopped'], string>> = {
  converged: 'It converged.',
  epochs: 'It did all its passes.',
  time: 'It was ended by its time limit, with the best result so far.',
  cancelled: 'It was ended early, with the best result so far.',
  diverged: 'It diverged; the best state before that is the result.'
}

/** Of a run that ended before its first step on both levels: it has no best result so far. */
const STOPPED_BEFORE: Partial<Record<Report['stopped'], string>> = {
  time: 'It was ended by its time limit, before it learned anything itself.',
  cancelled: 'It was ended early, before it learned anything itself.'
}

/** How a run ended; a first look, which takes no steps, ends or not. */
function endWords({ stopped, timing, spec }: Report): string {
  if (timing.upperSteps > 0) return STOPPED[stopped]
  const isFirstLook = spec.task === 'denoising' && spec.trusted === false
  if (isFirstLook && stopped === 'time') return 'It was ended by its time limit, with what it knew by then.'
  if (isFirstLook && stopped === 'cancelled') return 'It was ended early, with what it knew by then.'
  return STOPPED_BEFORE[stopped] ?? STOPPED[stopped]
}

/** How a run ended, and what it took; of a first look, which takes no steps, the time alone. */
export function costWords(report: Report): string {
  const { stopped, timing, memory, backend, seed } = report
  const { seconds, upperSteps, lowerSteps, lowerStepsPerSecond } = timing
  const hasSteps = upperSteps > 0
  const steps = `${count(upperSteps)} steps on u, ${count(lowerSteps)} on v (${count(Math.round(lowerStepsPerSecond))} a second)`
  const facts = [
    duration(seconds),
    ...(hasSteps ? [steps] : []),
    `at most ${count(Math.round(memory.peakRssMiB))} MiB`,
    `on ${backend.name} ${backend.device}`,
    `seed ${seed}`
  ]
  const end = hasSteps || stopped !== 'converged' ? `${endWords(report)} ` : 'It took '
  return `${end}${facts.join(', ')}.`
}
