import type { ProgressFigures } from '../../shared/domain/job'
import { secondsLeft } from '../../shared/words/forecast'

/** Progress is passed on at most this often; a new phase at once. */
const PAUSE_MS = 100

/**
 * Counts of a long act as figures with the time left. A phase that begins anew is timed by itself; one that goes on where
 * the one before ended is a part of the same count.
 * @param report called at most every PAUSE_MS, and for each new phase
 */
export function progressMeter(
  report: (figures: ProgressFigures) => void
): (done: number, total: number | undefined, phase: string) => void {
  let phase = ''
  let began = 0
  let share = 0
  let reported = -Infinity
  return (done, total, name) => {
    const now = performance.now()
    const isNew = name !== phase
    const reached = total ? done / total : 0
    if (isNew) {
      if (share === 0 || reached < share) began = now
      phase = name
    }
    share = reached
    const isLast = total !== undefined && done >= total
    if (!isNew && !isLast && now - reported < PAUSE_MS) return
    reported = now
    const seconds = (now - began) / 1000
    const left = total ? secondsLeft(seconds, reached) : undefined
    report({ phase, done, total: total ?? null, secondsLeft: left ?? null })
  }
}
