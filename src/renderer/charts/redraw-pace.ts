import { nextTick } from 'vue'
import { drawingTime } from './frame-queue'

type Publish = () => void

/**
 * Share of the time that scripts may take to draw what comes by itself. The browser takes more than that again for
 * frames, pixels and its memory, and where it draws without a graphics card, it does so on the cores that train.
 */
const SHARE = 0.005
/** Milliseconds from one drawing to the next, however cheap and however dear they are. */
const SHORTEST = 1000
const LONGEST = 5000

/**
 * How often a page draws what nobody asked for: the news of a run. Whatever is new on the page goes into one drawing,
 * as rarely as its cost demands, and none while the page is hidden. What a reader does is not its business: charts
 * draw that at once.
 */
export class RedrawPace {
  readonly #waiting = new Set<Publish>()
  readonly #drawingTime: () => number
  #timer: ReturnType<typeof setTimeout> | undefined
  #untilSeen: (() => void) | undefined
  #last = -Infinity
  #publishing = 0
  #drawnBefore = 0

  /** @param drawn milliseconds that all drawing has taken so far */
  constructor(drawn: () => number) {
    this.#drawingTime = drawn
  }

  /** Something is new: let it through when it is time for the next drawing. */
  request(publish: Publish): void {
    this.#waiting.add(publish)
    if (this.#timer === undefined && !this.#untilSeen) this.#plan()
  }

  cancel(publish: Publish): void {
    this.#waiting.delete(publish)
  }

  #plan(): void {
    this.#timer = setTimeout(() => this.#turn(), Math.max(0, this.#due() - performance.now()))
  }

  /** When the next drawing may be, by what the last has cost so far. */
  #due(): number {
    const cost = this.#publishing + this.#drawingTime() - this.#drawnBefore
    return this.#last + Math.min(Math.max(cost / SHARE, SHORTEST), LONGEST)
  }

  #turn(): void {
    this.#timer = undefined
    if (this.#waiting.size === 0) return
    if (document.hidden) return this.#waitUntilSeen()
    // The last drawing may have cost more than was known when this turn was planned.
    if (this.#due() - performance.now() >= 1) return this.#plan()
    const all = [...this.#waiting]
    this.#waiting.clear()
    const begun = (this.#last = performance.now())
    this.#drawnBefore = this.#drawingTime()
    for (const publish of all) publish()
    void nextTick(() => (this.#publishing = performance.now() - begun))
  }

  #waitUntilSeen(): void {
    this.#untilSeen = () => {
      if (document.hidden || !this.#untilSeen) return
      document.removeEventListener('visibilitychange', this.#untilSeen)
      this.#untilSeen = undefined
      this.#last = -Infinity
      this.#turn()
    }
    document.addEventListener('visibilitychange', this.#untilSeen)
  }
}

/** The page's: all that is new on it is drawn together. */
export const redrawPace = new RedrawPace(drawingTime)
