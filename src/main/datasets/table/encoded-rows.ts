import { exampleSize } from '../../../shared/domain/dataset'
import { badInput, Failure } from '../../../shared/domain/failure'
import {
  featureCountOf,
  featureNamesOf,
  type RepresentedColumn,
  type TableRepresentation
} from '../../../shared/domain/table-columns'
import { isMissing } from '../codecs/table-cells'
import { listed } from '../codecs/table-columns'
import type { SelectionPart } from '../selection-part'
import { FeatureFile, type FeatureRows } from '../store/feature-file'
import { cellEncoder, numberOf } from './cell-encoder'
import { isEncodedAs, ownEncoding, type Encoding } from './encoding'
import { RowCells } from './row-cells'
import { wordShares } from './text-words'

/** Encoded rows of this size are held in memory; more are encoded whenever they are read. */
const MOST_RESIDENT = 64 << 20
/** Rows whose cells are read at a time. */
const AT_ONCE = 256

/** Writes some features of a row, from the texts of its cells and its features in its own encoding. */
type ColumnWriter = (row: OwnRow, into: Float32Array, at: number) => void

interface OwnRow {
  readonly texts: readonly string[]
  readonly values: Float32Array
}

/** The rows of one table encoded as those of another: columns are found by name, whatever their order. */
class EncodedRows implements FeatureRows {
  #resident: Float32Array | undefined

  private constructor(
    private readonly cells: RowCells,
    private readonly writers: readonly ColumnWriter[],
    private readonly size: number,
    private readonly from: number,
    private readonly to: number
  ) {}

  /** @throws Failure bad-input naming a column that the table lacks */
  static open({ folder, meta, from, to }: SelectionPart, own: Encoding, wanted: Encoding): EncodedRows {
    const cells = RowCells.open(folder, meta)
    if (!cells || !own.representation || !wanted.representation)
      throw new Failure('internal', `${meta.name} is no table.`, 'Please report this.')
    try {
      const writers = columnWriters(own, wanted)
      return new EncodedRows(cells, writers, exampleSize(wanted.shape), from, to)
    } catch (error) {
      cells.close()
      throw error
    }
  }

  readFloats(row: number, count: number, into: Float32Array): void {
    const { size, from, to } = this
    if (!this.#resident && 4 * size * (to - from) <= MOST_RESIDENT) {
      const all = new Float32Array(size * (to - from))
      this.#encode(from, to - from, all)
      this.#resident = all
    }
    const held = this.#resident
    if (held) into.set(held.subarray((row - from) * size, (row - from + count) * size))
    else this.#encode(row, count, into)
  }

  readBytes(): void {
    throw new Failure('internal', 'Encoded rows are no bytes.', 'Please report this.')
  }

  #encode(row: number, count: number, into: Float32Array): void {
    into.fill(0)
    for (let done = 0; done < count; done += AT_ONCE) {
      const rows = Math.min(AT_ONCE, count - done)
      const texts = this.cells.texts(row + done, rows)
      const own = this.cells.values(row + done, rows)
      const width = own.length / rows
      for (const [i, cells] of texts.entries()) {
        const values = own.subarray(i * width, (i + 1) * width)
        for (const write of this.writers) write({ texts: cells, values }, into, (done + i) * this.size)
      }
    }
  }

  close(): void {
    this.cells.close()
    this.#resident = undefined
  }
}

function columnWriters(own: Encoding, wanted: Encoding): ColumnWriter[] {
  const source = own.representation!
  const places = new Map(source.columns.map(({ name }, i) => [name, i]))
  for (const [i, { name }] of source.columns.entries())
    if (!places.has(name.trim())) places.set(name.trim(), i)
  let at = 0
  return wanted.representation!.columns.flatMap((column): ColumnWriter[] => {
    const size = featureCountOf(column)
    const start = at
    at += size
    if (size === 0) return []
    const place = places.get(column.name) ?? places.get(column.name.trim())
    const names = featureNamesOf(column)
    const hasFeatures = names.every((name) => places.has(name))
    // Days in one of the two are dates in the other.
    const roles = `${column.role} of ${place === undefined ? 'none' : source.columns[place]!.role}`
    const isEncoded =
      (hasFeatures && (names.length > 1 || roles === 'date of number')) || roles === 'number of date'
    if (place !== undefined && !isEncoded) return [cellWriter(column, place, source, start, own, wanted)]
    return [featureWriter(column, places, source, start, own, wanted)]
  })
}

function cellWriter(
  column: RepresentedColumn,
  place: number,
  source: TableRepresentation,
  start: number,
  own: Encoding,
  wanted: Encoding
): ColumnWriter {
  const same = source.columns[place]!
  if (column.role === 'number' && column.width !== undefined) {
    if (same.role !== 'number' || same.width !== column.width) {
      throw badInput(
        `${own.owner}, column "${column.name}" holds no lists of ${column.width} numbers, as ${wanted.owner} does.`,
        'Give both tables the same columns.'
      )
    }
    return ({ texts }, into, at) =>
      texts[place]!.split(' ').forEach((text, i) => (into[at + start + i] = Number(text)))
  }
  const order = same.role === 'date' ? same.order : undefined
  const encoder = cellEncoder(column, { decimalComma: source.decimalComma ?? false, order })
  return ({ texts }, into, at) => encoder.write(texts[place]!, into, at + start)
}

/**
 * A table may hold the features themselves, each as a column, as an export of changed examples does: either of the two
 * tables may be such a one.
 */
function featureWriter(
  column: RepresentedColumn,
  places: ReadonlyMap<string, number>,
  source: TableRepresentation,
  start: number,
  own: Encoding,
  wanted: Encoding
): ColumnWriter {
  const found = featureNamesOf(column).map((name) => places.get(name))
  const among = own.names?.indexOf(column.name) ?? -1
  if (column.role === 'number' && featureCountOf(column) === 1 && among >= 0)
    return ({ values }, into, at) => (into[at + start] = values[among]!)
  const derived = column.role === 'number' ? derivedFeature(column.name, source, wanted) : undefined
  if (derived) return ({ texts }, into, at) => (into[at + start] = derived(texts))
  if (found.some((place) => place === undefined)) {
    const names = source.columns.map(({ name }) => name)
    throw badInput(
      `${own.owner} has no column "${column.name}", which ${wanted.owner} has; it has ${listed(names)}.`,
      'Give both tables the same columns, or leave the column out of both: --column name=ignore.'
    )
  }
  const decimalComma = source.decimalComma ?? false
  return ({ texts }, into, at) =>
    found.forEach((place, i) => {
      const value = numberOf(texts[place!]!, decimalComma)
      into[at + start + i] = value - value === 0 ? value : 0
    })
}

/** What a feature called "colour = red", "colour is empty", "colour is another" or "note has late" says of a row's cells. */
function derivedFeature(
  name: string,
  { columns }: TableRepresentation,
  wanted: Encoding
): ((texts: readonly string[]) => number) | undefined {
  for (const [place, { name: from }] of columns.entries()) {
    const levels = `${from} = `
    if (name === `${from} is empty`) return (texts) => Number(isMissing(texts[place]!))
    if (name.startsWith(levels)) {
      const level = name.slice(levels.length)
      return (texts) => Number(texts[place]!.trim() === level)
    }
    const ofWords = `${from} has `
    if (name.startsWith(ofWords)) {
      const word = name.slice(ofWords.length)
      const known = knownWords(wanted, ofWords)
      return (texts) => known.in(texts[place]!).get(word) ?? 0
    }
    if (name !== `${from} is another`) continue
    const listedLevels = new Set(wanted.names?.filter((other) => other.startsWith(levels)))
    return (texts) =>
      Number(!isMissing(texts[place]!) && !listedLevels.has(`${levels}${texts[place]!.trim()}`))
  }
  return undefined
}

/** The words that features are called after, and how much of a text each is. */
class KnownWords {
  #last: { readonly text: string; readonly shares: ReadonlyMap<string, number> } | undefined

  constructor(private readonly words: ReadonlySet<string>) {}

  /** Feature after feature asks for the same text. */
  in(text: string): ReadonlyMap<string, number> {
    if (this.#last?.text !== text) this.#last = { text, shares: wordShares(text, this.words) }
    return this.#last.shares
  }
}

const KNOWN_WORDS = new WeakMap<Encoding, Map<string, KnownWords>>()

function knownWords(wanted: Encoding, prefix: string): KnownWords {
  const byPrefix = KNOWN_WORDS.get(wanted) ?? new Map<string, KnownWords>()
  KNOWN_WORDS.set(wanted, byPrefix)
  let known = byPrefix.get(prefix)
  if (!known) {
    const names = wanted.names?.filter((name) => name.startsWith(prefix)) ?? []
    known = new KnownWords(new Set(names.map((name) => name.slice(prefix.length))))
    byPrefix.set(prefix, known)
  }
  return known
}

/**
 * The features of a part's rows in an encoding: those that its import wrote, where it is its own.
 * @throws Failure bad-input naming a column that the part lacks
 */
export function featuresOf(part: SelectionPart, wanted: Encoding): FeatureRows {
  const own = ownEncoding(part)
  if (isEncodedAs(own, wanted)) return FeatureFile.open(part.folder, part.meta, part.from, part.to)
  return EncodedRows.open(part, own, wanted)
}
