import type { RunSignal } from '../../../engine/tasks/task-run'

/** What is wanted of the run, by messages and by the clock. The most final wish wins. */
export class RunControl {
  #wanted: RunSignal = 'continue'
  #started = performance.now()
  #before = 0
  #maxSeconds = Infinity

  /** @param before seconds that earlier parts of a resumed run took */
  begin(maxSeconds: number | undefined, before: number): void {
    this.#started = performance.now()
    this.#before = before
    this.#maxSeconds = maxSeconds ?? Infinity
  }

  want(signal: RunSignal): void {
    if (this.#wanted !== 'cancel') this.#wanted = signal
  }

  seconds(): number {
    return this.#before + (performance.now() - this.#started) / 1000
  }

  async poll(): Promise<RunSignal> {
    await new Promise((resolve) => setImmediate(resolve))
    if (this.#wanted !== 'continue') return this.#wanted
    return this.seconds() > this.#maxSeconds ? 'time' : 'continue'
  }
}
