/** Names in a sentence; beyond these a number stands for the others. */
const MOST_NAMED = 20

/** Pictures that an import left out, or of which it read a part: counted, the first of them named. */
export class ImportNotes {
  readonly #leftOut: string[] = []
  readonly #withMore: string[] = []
  #leftOutCount = 0
  #withMoreCount = 0

  leaveOut({ image, failure }: { image: { path: string }; failure: { reason: string } }): void {
    this.#leftOutCount += 1
    if (this.#leftOut.length < MOST_NAMED) this.#leftOut.push(`${image.path} (${failure.reason})`)
  }

  /** Of a picture of several frames or pages the first is read. */
  readFirst(path: string): void {
    this.#withMoreCount += 1
    if (this.#withMore.length < MOST_NAMED) this.#withMore.push(path)
  }

  warnings(): string[] {
    const warnings: string[] = []
    const [out, more] = [this.#leftOutCount, this.#withMoreCount]
    if (out > 0) {
      const subject = out === 1 ? '1 picture cannot be read and is' : `${out} pictures cannot be read and are`
      warnings.push(`${subject} left out: ${named(this.#leftOut, out)}.`)
    }
    if (more > 0) {
      const subject = more === 1 ? '1 picture has' : `${more} pictures have`
      warnings.push(`${subject} several frames or pages; the first is read: ${named(this.#withMore, more)}.`)
    }
    return warnings
  }
}

/** "1 picture", "3 pictures" */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** "a, b, c and 7 more" */
export function named(names: readonly string[], count = names.length): string {
  const shown = names.slice(0, MOST_NAMED)
  const rest = count - shown.length
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ')
}
