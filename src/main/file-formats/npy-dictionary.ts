import { badInput } from '../../shared/domain/failure'

/** What the dictionary of an NPY header says. */
export interface NpyDictionary {
  readonly descr: string
  readonly order: boolean
  readonly shape: readonly number[]
}

const MOST_SIDES = 32

/**
 * Read the dictionary of an NPY header, a literal of Python with three keys in any order. One pass, whatever the
 * text.
 * @throws Failure bad-input
 */
export function parseNpyDictionary(text: string, name: string): NpyDictionary {
  const literal = new Literal(text, name)
  let descr: string | undefined
  let order: boolean | undefined
  let shape: number[] | undefined
  literal.expect('{')
  while (!literal.take('}')) {
    const key = literal.text()
    literal.expect(':')
    if (key === 'descr') descr = literal.descr()
    else if (key === 'fortran_order') order = literal.flag()
    else if (key === 'shape') shape = literal.tuple()
    else throw literal.damaged()
    if (!literal.take(',')) {
      literal.expect('}')
      break
    }
  }
  if (descr === undefined || order === undefined || shape === undefined) throw literal.damaged()
  return { descr, order, shape }
}

class Literal {
  #at = 0

  constructor(
    private readonly source: string,
    private readonly name: string
  ) {}

  damaged(): Error {
    return badInput(`${this.name} has a damaged NPY header.`, 'Write it again with numpy.save.')
  }

  #skipBlanks(): void {
    while (this.source[this.#at] === ' ' || this.source[this.#at] === '\n') this.#at++
  }

  take(symbol: string): boolean {
    this.#skipBlanks()
    if (!this.source.startsWith(symbol, this.#at)) return false
    this.#at += symbol.length
    return true
  }

  expect(symbol: string): void {
    if (!this.take(symbol)) throw this.damaged()
  }

  text(): string {
    const quote = this.take("'") ? "'" : this.take('"') ? '"' : undefined
    const end = quote === undefined ? -1 : this.source.indexOf(quote, this.#at)
    if (end < 0) throw this.damaged()
    const text = this.source.slice(this.#at, end)
    this.#at = end + 1
    return text
  }

  descr(): string {
    if (this.take('[')) {
      throw badInput(`${this.name} is a structured array.`, 'Save plain arrays of numbers.')
    }
    return this.text()
  }

  flag(): boolean {
    if (this.take('True')) return true
    this.expect('False')
    return false
  }

  tuple(): number[] {
    const sides: number[] = []
    this.expect('(')
    while (!this.take(')')) {
      sides.push(this.#side())
      if (sides.length > MOST_SIDES) throw this.damaged()
      if (!this.take(',')) {
        this.expect(')')
        break
      }
    }
    return sides
  }

  #side(): number {
    this.#skipBlanks()
    const from = this.#at
    while (this.#at - from < 16 && /[0-9]/.test(this.source[this.#at] ?? '')) this.#at++
    const side = Number(this.source.slice(from, this.#at))
    if (this.#at === from || !Number.isSafeInteger(side)) throw this.damaged()
    // Python 2 wrote long integers.
    this.take('L')
    return side
  }
}
