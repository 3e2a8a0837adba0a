import type { RunSignal, TimeLimit } from '../../../engine/tasks/shared/task-run'

/** Share of a limited run's time that may be kept back for what follows: some must be left for what that is about. */
const MOST_KEPT_BACK = 0.5

/** What is wanted of the run, by messages and by the clock. The most final wish wins. */
export class RunControl implements TimeLimit {
  #wanted: RunSignal = 'continue'
  #started = performance.now()
  #before = 0
  #maxSeconds = Infinity
  #keptBack = 0
  #obstacle: unknown

  /** @param before seconds that earlier parts of a resumed run took */
  begin(maxSeconds: number | undefined, before: number): void {
    this.#started = performance.now()
    this.#before = before
    this.#maxSeconds = maxSeconds ?? Infinity
  }

  want(signal: RunSignal): void {
    if (this.#wanted !== 'cancel') this.#wanted = signal
  }

  /** Nothing more can be written: the next step shall not be made. */
  fail(obstacle: unknown): void {
    this.#obstacle ??= obstacle
  }

  seconds(): number {
    return this.#before + (performance.now() - this.#started) / 1000
  }

  secondsLeft(): number {
    return this.#maxSeconds - this.#keptBack - this.seconds()
  }

  keepBack(seconds: number): void {
    this.#keptBack = Math.min(seconds, MOST_KEPT_BACK * this.#maxSeconds)
  }

  /** @throws what was given to fail() */
  async poll(): Promise<RunSignal> {
    await new Promise((resolve) => setImmediate(resolve))
    if (this.#obstacle !== undefined) throw this.#obstacle
    if (this.#wanted !== 'continue') return this.#wanted
    return this.secondsLeft() < 0 ? 'time' : 'continue'
  }
}
