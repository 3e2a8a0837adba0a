/** A point of a series: [x, y]. */
export type Point = readonly [number, number]

/**
 * The points of one series, thinned as it grows: above the limit every second point goes, and from then on
 * only every second (fourth, ...) new one is kept. A run of any length costs the same memory.
 */
export class PointBuffer {
  #points: Point[] = []
  #stride = 1
  #skipped = 0
  #last: Point | undefined

  constructor(private readonly limit = 2000) {}

  add(x: number, y: number): void {
    this.#last = [x, y]
    if (++this.#skipped < this.#stride) return
    this.#skipped = 0
    this.#points.push([x, y])
    if (this.#points.length < this.limit) return
    this.#points = this.#points.filter((_, i) => i % 2 === 0)
    this.#stride *= 2
  }

  /** What is kept, and the newest point. */
  points(): Point[] {
    const newest = this.#points.at(-1)
    return this.#last && newest !== this.#last && newest?.[0] !== this.#last[0]
      ? [...this.#points, this.#last]
      : [...this.#points]
  }
}
