/** What a backend keeps of a program it has run, so as to run it again on other values. */
export interface Recorded {
  dispose(): void
}

/** As many as batches of different sizes are met in turn: full ones and the last of an epoch, of either set. */
const MOST = 4

/** Recorded programs by name. Belongs to whoever runs the programs: dispose it. */
export class Recordings {
  readonly #byName = new Map<string, Recorded>()
  /** Whether programs are met so often that compiling them pays. */
  readonly compiles: boolean

  constructor(compiles = true) {
    this.compiles = compiles
  }

  get(name: string): Recorded | undefined {
    return this.#byName.get(name)
  }

  /** The oldest makes room where there are many. */
  set(name: string, recorded: Recorded): void {
    this.#byName.get(name)?.dispose()
    this.#byName.delete(name)
    this.#byName.set(name, recorded)
    if (this.#byName.size <= MOST) return
    const [oldest, spent] = this.#byName.entries().next().value!
    this.#byName.delete(oldest)
    spent.dispose()
  }

  dispose(): void {
    for (const recorded of this.#byName.values()) recorded.dispose()
    this.#byName.clear()
  }
}
