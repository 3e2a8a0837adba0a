import type { RunSignal } from '../../../engine/tasks/shared/task-run'

/** What is wanted of the run, by messages and by the clock. The most final wish wins. */
export class RunControl {
  #wanted: RunSignal = 'continue'
  #started = performance.now()
  #before = 0
  #maxSeconds = Infinity
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

  /** @throws what was given to fail() */
  async poll(): Promise<RunSignal> {
    await new Promise((resolve) => setImmediate(resolve))
    if (this.#obstacle !== undefined) throw this.#obstacle
    if (this.#wanted !== 'continue') return this.#wanted
    return this.seconds() > this.#maxSeconds ? 'time' : 'continue'
  }
}
