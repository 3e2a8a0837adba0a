import type { RunEvent } from '../../../shared/domain/run-event'

/** How long an event may wait for others, in milliseconds. */
const TOGETHER = 250

/**
 * Passes on what a run tells, several events at a time: a small network makes hundreds of steps a second, and a
 * message and a line for each would cost as much as some of its kernels. What says that something else begins goes
 * at once, with what came before it: long work without a turn of the event loop may follow.
 */
export class EventBatch {
  #waiting: RunEvent[] = []
  #passed = -Infinity
  #phase: string | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(private readonly pass: (events: readonly RunEvent[]) => void) {}

  add(event: RunEvent): void {
    this.#waiting.push(event)
    if (!this.#isPatient(event) || performance.now() - this.#passed >= TOGETHER) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), TOGETHER)
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const events = this.#waiting
    if (events.length === 0) return
    this.#waiting = []
    this.#passed = performance.now()
    this.pass(events)
  }

  #isPatient(event: RunEvent): boolean {
    if (event.type !== 'progress') return event.type === 'metric' || event.type === 'weights'
    const same = event.phase === this.#phase
    this.#phase = event.phase
    return same
  }
}
