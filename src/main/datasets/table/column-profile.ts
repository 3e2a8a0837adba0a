import type { DayOrder } from '../../../shared/domain/table-columns'
import { cellNumber, isMissing, isTruthValue, isUnclearNumber } from '../codecs/table-cells'
import { dateOf } from './date-cells'
import { isUnspaced } from './text-words'
import { WordCounts } from './word-counts'

/** What is remembered of each column, by how many there are: memory stays the same for any table. */
export interface ProfileBounds {
  /** Different values counted. */
  readonly levels: number
  /** The same, where all are numbers. */
  readonly numbers: number
  /** Values among which a second one alike is looked for. */
  readonly unique: number
  /** Numbers that the median is taken of. */
  readonly sample: number
  /** Different words of texts. */
  readonly words: number
}

export function profileBounds(columns: number): ProfileBounds {
  const share = (total: number, least: number, most: number): number =>
    Math.max(least, Math.min(most, Math.floor(total / Math.max(1, columns))))
  return {
    levels: share(400_000, 70, 5000),
    numbers: share(100_000, 40, 1000),
    unique: share(1_000_000, 200, 20_000),
    sample: share(2_000_000, 64, 8192),
    words: share(400_000, 2000, 100_000)
  }
}

/** Where a cell stands. */
export interface CellPlace {
  readonly text: string
  /** From 1. */
  readonly row: number
  readonly line: number
}

/** Evenly spaced ones of all values: where they become too many every other one goes. */
class EvenSample {
  #values: number[] = []
  #every = 1
  #met = 0

  constructor(private readonly most: number) {}

  add(value: number): void {
    if (this.#met++ % this.#every !== 0) return
    if (this.#values.length >= this.most) {
      this.#values = this.#values.filter((_, i) => i % 2 === 0)
      this.#every *= 2
      if ((this.#met - 1) % this.#every !== 0) return
    }
    this.#values.push(value)
  }

  get median(): number | undefined {
    if (this.#values.length === 0) return undefined
    const ordered = Float64Array.from(this.#values).sort()
    const middle = ordered.length >> 1
    return Math.fround(
      ordered.length % 2 === 1 ? ordered[middle]! : (ordered[middle - 1]! + ordered[middle]!) / 2
    )
  }
}

/** Texts that were looked at before a column is given up as one of dates. */
const TRIED_DATES = 50

/** Characters of a word in scripts that put none between words, about. */
const UNSPACED_WORD = 2

/** What the cells of one column are, gathered one by one. */
export class ColumnProfile {
  rows = 0
  empty = 0
  numbers = 0
  wholes = 0
  truthValues = 0
  /** Neither empty, nor a number, nor a truth value. */
  texts = 0
  leadingZeros = 0
  min = Infinity
  max = -Infinity
  /** Whether each number is the one before and the same step of one. */
  counts = true
  dates: Record<DayOrder, number> = { dmy: 0, mdy: 0 }
  /** Whether a date means another day where the month comes first. */
  hasUnclearDates = false
  words = 0
  characters = 0
  /** A number that a 32-bit float cannot hold. */
  tooLarge: CellPlace | undefined
  /** A number whose comma may be a decimal one, and whether another shows that commas part thousands. */
  unclearNumber: CellPlace | undefined
  isSurelyGrouped = false
  /** The first text among numbers. */
  odd: CellPlace | undefined
  /** How often each value occurs, until there are too many. */
  readonly levels = new Map<string, number>()
  isMore = false
  /** Whether no value was met twice in one file, among those remembered. */
  isUnique = true
  #seen: Set<string> | undefined = new Set()
  #last: number | undefined
  #step = 0
  /** Of cells with several words. */
  readonly wordCounts: WordCounts
  readonly #numbers: EvenSample
  readonly #days: Record<DayOrder, EvenSample>

  constructor(
    readonly name: string,
    private readonly bounds: ProfileBounds,
    private readonly decimalComma: boolean
  ) {
    this.wordCounts = new WordCounts(bounds.words)
    this.#numbers = new EvenSample(bounds.sample)
    this.#days = { dmy: new EvenSample(bounds.sample), mdy: new EvenSample(bounds.sample) }
  }

  /** @returns the cell as a number that a 32-bit float holds; NaN for anything else */
  add(text: string, row: number, line: number): number {
    this.rows++
    const value = cellNumber(text, this.decimalComma)
    const kept = Math.fround(value)
    if (kept - kept === 0) {
      this.#addNumber(value, text, row, line)
      return kept
    }
    if (Number.isFinite(value)) {
      this.tooLarge ??= { text, row, line }
      this.numbers++
      this.isUnique = false
    } else this.#addText(text.trim(), row, line)
    return NaN
  }

  /** Cells that are left to fill a table: alike values in two files do not count. */
  beginFile(): void {
    this.#seen?.clear()
    this.#last = undefined
  }

  /** Cells that hold something. */
  get filled(): number {
    return this.rows - this.empty
  }

  /** Of the numbers, truth values being 0 and 1; of a column of dates that of the days. */
  get median(): number | undefined {
    return this.#numbers.median
  }

  medianDay(order: DayOrder): number | undefined {
    return this.#days[order].median
  }

  #addNumber(value: number, text: string, row: number, line: number): void {
    this.numbers++
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
    if (Number.isInteger(value)) this.#addInteger(value, text)
    else {
      this.isUnique = false
      this.#seen = undefined
      this.counts = false
    }
    this.#numbers.add(value)
    if (text.length > 4 && !this.decimalComma && text.includes(',')) {
      if (isUnclearNumber(text)) this.unclearNumber ??= { text, row, line }
      else this.isSurelyGrouped = true
    }
    if (!this.isMore) this.#level(text, this.texts === 0 ? this.bounds.numbers : this.bounds.levels)
  }

  #addInteger(value: number, text: string): void {
    this.wholes++
    if (text.charCodeAt(0) === 48 && text.length > 1 && /^0\d/.test(text)) this.leadingZeros++
    if (this.isUnique) this.#look(text)
    if (this.counts) this.#count(value)
  }

  #addText(text: string, row: number, line: number): void {
    if (isMissing(text)) {
      this.empty++
      return
    }
    if (isTruthValue(text)) {
      this.truthValues++
      this.#numbers.add(Number(text.toLowerCase() === 'true'))
    } else {
      this.texts++
      this.odd ??= { text, row, line }
      this.characters += text.length
      this.#countWords(text)
      this.#date(text)
    }
    if (this.isUnique) this.#look(text)
    this.counts = false
    if (!this.isMore) this.#level(text, this.bounds.levels)
  }

  #countWords(text: string): void {
    const spaced = text.split(/\s+/).length
    const words = isUnspaced(text) ? Math.max(spaced, Math.ceil(text.length / UNSPACED_WORD)) : spaced
    this.words += words
    if (words > 1) this.wordCounts.add(text)
  }

  #date(text: string): void {
    const found = Math.max(this.dates.dmy, this.dates.mdy)
    if (this.texts > TRIED_DATES && found < this.texts / 2) return
    const [dmy, mdy] = [dateOf(text, 'dmy'), dateOf(text, 'mdy')]
    for (const [order, days] of [
      ['dmy', dmy],
      ['mdy', mdy]
    ] as const) {
      if (days === undefined) continue
      this.dates[order]++
      this.#days[order].add(days)
    }
    if (dmy !== mdy) this.hasUnclearDates = true
  }

  #look(text: string): void {
    if (!this.#seen) return
    if (this.#seen.has(text)) {
      this.isUnique = false
      this.#seen = undefined
    } else if (this.#seen.size < this.bounds.unique) this.#seen.add(Buffer.from(text).toString())
  }

  #count(value: number): void {
    if (this.#last !== undefined) {
      const step = value - this.#last
      if (this.#step === 0) this.#step = step
      if (step !== this.#step || Math.abs(step) !== 1) this.counts = false
    }
    this.#last = value
  }

  #level(text: string, most: number): void {
    const known = this.levels.get(text)
    if (known !== undefined) {
      this.levels.set(text, known + 1)
      return
    }
    const trimmed = text.trim()
    if (trimmed.length !== text.length) {
      this.#level(trimmed, most)
      return
    }
    if (this.levels.size >= most) {
      this.isMore = true
      return
    }
    // A copy: the engine would keep all of the chunk that the text was cut from.
    this.levels.set(Buffer.from(text).toString(), 1)
  }
}
