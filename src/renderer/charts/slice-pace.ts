/** How many points are drawn before it is known what one costs. */
const FIRST = 8192
const FEWEST = 1024
/** A slice is at most so many times the one before: one measurement may mislead. */
const GROWTH = 4

/** How many points go into the next slice of a picture, so that a slice takes about so many milliseconds. */
export class SlicePace {
  #last = 0
  /** Milliseconds a point. */
  #cost: number | undefined

  constructor(private readonly budget: number) {}

  next(): number {
    if (this.#cost === undefined) return FIRST
    const affordable = this.budget / Math.max(this.#cost, 1e-9)
    return Math.floor(Math.max(FEWEST, Math.min(affordable, GROWTH * this.#last)))
  }

  /** A slice of so many points took so long. */
  took(points: number, milliseconds: number): void {
    if (points === 0) return
    const cost = milliseconds / points
    this.#cost = this.#cost === undefined ? cost : (this.#cost + cost) / 2
    this.#last = points
  }
}
