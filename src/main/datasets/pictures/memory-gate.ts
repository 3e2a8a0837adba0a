/**
 * Lets work begin while what it holds in memory fits, in the order it came. Something larger than everything
 * together still runs, alone.
 */
export class MemoryGate {
  #used = 0
  readonly #waiting: { readonly bytes: number; readonly go: () => void }[] = []

  constructor(
    /** Bytes that all together may hold. */
    readonly most: number
  ) {}

  /** Hold `bytes` while `work` runs. */
  async hold<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || !this.#fits(bytes)) {
      await new Promise<void>((go) => this.#waiting.push({ bytes, go }))
    } else this.#used += bytes
    try {
      return await work()
    } finally {
      this.#used -= bytes
      this.#admit()
    }
  }

  #fits(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.most
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#used += next.bytes
      next.go()
    }
  }
}
