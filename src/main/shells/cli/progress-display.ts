import { createRequire } from 'node:module'
import type * as Bars from 'cli-progress'
import type { ProgressEvent } from '../../../shared/domain/run-event'
import { duration } from '../../../shared/words/numbers'

/** Seconds between two plain lines where stderr is not a terminal. */
const PLAIN_SECONDS = 2

/** Progress on stderr with the time left: a bar on a terminal, else a line now and then. */
export class ProgressDisplay {
  readonly #bar: Bars.SingleBar | undefined
  #started = false
  #lastLine = -Infinity
  #lastPhase = ''

  constructor(private readonly quiet: boolean) {
    if (process.stderr.isTTY && !quiet) {
      // Loaded where a bar is shown.
      const { SingleBar } = createRequire(import.meta.url)('cli-progress') as typeof Bars
      this.#bar = new SingleBar({
        format: '{bar} {percentage} % | {phase} | {left}',
        stream: process.stderr,
        hideCursor: true,
        clearOnComplete: true,
        barsize: 24
      })
    }
  }

  show(event: Pick<ProgressEvent, 'phase' | 'fraction' | 'secondsLeft'>): void {
    if (this.quiet) return
    const left = event.secondsLeft === undefined ? '' : `${duration(event.secondsLeft)} left`
    const percent = Math.round(event.fraction * 100)
    if (this.#bar) {
      if (!this.#started) this.#bar.start(100, percent, { phase: event.phase, left })
      else this.#bar.update(percent, { phase: event.phase, left })
      this.#started = true
      return
    }
    const now = performance.now() / 1000
    if (event.phase === this.#lastPhase && now - this.#lastLine < PLAIN_SECONDS) return
    this.#lastLine = now
    this.#lastPhase = event.phase
    this.note(`${String(percent).padStart(3)} % ${event.phase}${left ? `, ${left}` : ''}`)
  }

  note(text: string): void {
    if (!this.quiet) process.stderr.write(`${text}\n`)
  }

  end(): void {
    if (this.#started) this.#bar?.stop()
  }
}
