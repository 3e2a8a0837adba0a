/**
 * Seeded random numbers whose state can be saved: xoshiro128** (Blackman and Vigna 2018), seeded through
 * splitmix32. The same seed gives the same stream on every machine, and a checkpoint that stores `state`
 * continues it exactly.
 */
export type RandomState = readonly [number, number, number, number]

export class Random {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: number | RandomState) {
    if (typeof seed !== 'number') {
      ;[this.#a, this.#b, this.#c, this.#d] = seed
      return
    }
    let s = seed >>> 0
    const next = (): number => {
      s = (s + 0x9e3779b9) | 0
      let t = s ^ (s >>> 16)
      t = Math.imul(t, 0x21f0aaad)
      t ^= t >>> 15
      t = Math.imul(t, 0x735a2d97)
      return (t ^ (t >>> 15)) >>> 0
    }
    this.#a = next()
    this.#b = next()
    this.#c = next()
    this.#d = next()
  }

  get state(): RandomState {
    return [this.#a, this.#b, this.#c, this.#d]
  }

  /** A stream of its own for a named purpose, so that adding a draw in one place moves no other. */
  static derive(seed: number, purpose: string): Random {
    let hash = 0x811c9dc5 ^ seed
    for (let i = 0; i < purpose.length; i++) hash = Math.imul(hash ^ purpose.charCodeAt(i), 0x01000193)
    return new Random((hash ^ Math.imul(seed, 0x9e3779b1)) >>> 0)
  }

  /** Uniform 32-bit unsigned integer. */
  uint32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0
    const t = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= t
    this.#d = rotateLeft(this.#d, 11)
    return result
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.uint32() / 4294967296
  }

  /** Uniform integer in [0, bound), without modulo bias (rejection). */
  below(bound: number): number {
    const limit = 4294967296 - (4294967296 % bound)
    let draw = this.uint32()
    while (draw >= limit) draw = this.uint32()
    return draw % bound
  }

  /** Standard normal (Box and Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    return radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** A shuffled 0..count-1 (Fisher and Yates). */
  permutation(count: number): Int32Array {
    const order = Int32Array.from({ length: count }, (_, i) => i)
    for (let i = count - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const held = order[i]!
      order[i] = order[j]!
      order[j] = held
    }
    return order
  }
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}
