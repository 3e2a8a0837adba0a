/** The generator of tests/fixtures/numerics/make-reference.py: numbers in [-0.5, 0.5), rounded to float32. */
export class LcgStream {
  #x: number

  constructor(seed: number) {
    this.#x = seed
  }

  take(count: number): Float32Array {
    return Float32Array.from({ length: count }, () => {
      this.#x = (Math.imul(1664525, this.#x) + 1013904223) >>> 0
      return this.#x / 4294967296 - 0.5
    })
  }
}
