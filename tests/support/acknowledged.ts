/** What was told to be saved, and what was asked for since, whose answers were cut off. */
interface Wanted<T> {
  acknowledged: T
  asked: T[]
}

/** Values that a workbench has told to be saved, each by its key: after a kill they must be there. */
export class Acknowledged<T> {
  readonly #wanted = new Map<string, Wanted<T>>()

  /** @param before the value of what nobody has asked for yet */
  constructor(
    readonly kind: string,
    private readonly before: T
  ) {}

  get keys(): readonly string[] {
    return [...this.#wanted.keys()]
  }

  add(key: string, value: T): void {
    this.#wanted.set(key, { acknowledged: value, asked: [] })
  }

  valueOf(key: string): T {
    return this.#wanted.get(key)?.acknowledged ?? this.before
  }

  /** Ask for a value; it counts as saved when `act` has answered. */
  async ask(key: string, value: T, act: (value: T) => Promise<unknown>): Promise<void> {
    const wanted = this.#wanted.get(key) ?? { acknowledged: this.before, asked: [] }
    this.#wanted.set(key, wanted)
    // A workbench that is stopping may be asked more than once before it is gone.
    wanted.asked.push(value)
    await act(value)
    wanted.acknowledged = value
    wanted.asked = []
  }

  /**
   * What was told is so; what was only asked for may be so, and is from now on what it is.
   * @returns what is not so, a sentence each
   */
  lostIn(found: ReadonlyMap<string, T>): string[] {
    const lost: string[] = []
    for (const [key, wanted] of this.#wanted) {
      const value = found.get(key)
      if (value !== wanted.acknowledged && !wanted.asked.some((asked) => asked === value)) {
        lost.push(`${this.kind} ${key} is ${String(value)}, not ${String(wanted.acknowledged)}`)
      }
      if (value !== undefined) wanted.acknowledged = value
      wanted.asked = []
    }
    return lost
  }
}
