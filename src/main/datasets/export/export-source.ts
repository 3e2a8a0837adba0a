import {
  exampleSize,
  type DatasetFormat,
  type DatasetSplit,
  type ExampleShape
} from '../../../shared/domain/dataset'
import { badInput, Failure } from '../../../shared/domain/failure'
import { rowsPerBlock } from '../../file-formats/byte-reader'
import { areNumbers } from '../class-names'
import { compareSplits } from '../codecs/splits'
import type { ExampleSelection } from '../example-selection'
import type { ExportRequest } from './export-types'

const LARGEST_INT64 = 2n ** 63n - 1n

/** Examples of one split, one after the other in the order of the export. */
export interface ExportGroup {
  readonly split?: string
  readonly from: number
  readonly to: number
}

/**
 * What an export writes, in the order in which it is written: the rows kept, split by split, and the extra
 * examples at the end of theirs. Features are read block by block.
 */
export class ExportSource {
  readonly selection: ExampleSelection
  readonly count: number
  readonly groups: readonly ExportGroup[]
  /** Row of the selection, or selection.count + i for extra example i. */
  readonly order: Int32Array
  readonly labels: Int32Array
  readonly truth: Int32Array | undefined
  readonly #splits: readonly (string | undefined)[]

  constructor(
    readonly request: ExportRequest,
    split: string | undefined
  ) {
    const { selection, keep, extra } = request
    this.selection = selection
    checkSizes(request)
    const rows = keep ?? Int32Array.from({ length: selection.count }, (_, i) => i)
    const own = Array.from(rows, (row) => split ?? selection.splitOf(row))
    const extraSplit = split ?? extra?.split ?? own[0]
    const splits = [...own, ...Array.from(extra?.labels ?? [], () => extraSplit)]
    // Where only some sources have splits, what has none is for training.
    const named = splits.some((name) => name !== undefined) ? splits.map((name) => name ?? 'train') : splits
    const positions = Array.from(named, (_, i) => i)
    positions.sort((a, b) => compareSplits(named[a], named[b]) || a - b)
    const rowOf = (i: number): number => (i < rows.length ? rows[i]! : selection.count + i - rows.length)
    this.count = positions.length
    this.order = Int32Array.from(positions, rowOf)
    this.#splits = positions.map((i) => named[i])
    this.groups = groupsOf(this.#splits)
    const { count } = selection
    const given = request.labels ?? selection.labels
    this.labels = this.order.map((row) => (row < count ? given[row]! : extra!.labels[row - count]!))
    const known = request.truth ?? selection.truth
    const extraTruth = extra?.truth ?? extra?.labels
    this.truth = known && this.order.map((row) => (row < count ? known[row]! : extraTruth![row - count]!))
    if (this.count === 0) throw badInput('There are no examples to export.', 'Keep at least one example.')
  }

  get shape(): ExampleShape {
    return this.selection.shape
  }

  get dtype(): 'uint8' | 'float32' {
    return this.selection.dtype
  }

  get classNames(): readonly string[] {
    return this.selection.classNames
  }

  /**
   * The number of each class, where the sources hold numbers that are not just 0, 1, 2, ...: a copy has the same
   * numbers then, and needs no names.
   */
  get classNumbers(): readonly bigint[] | undefined {
    const { selection, classNames } = this
    const numbered = selection.metas.every(({ layout }) => layout.numbered === true)
    if (!numbered || !areNumbers(classNames) || classNames.every((name, i) => name === String(i)))
      return undefined
    const numbers = classNames.map((name) => BigInt(name))
    return numbers.every((number) => number <= LARGEST_INT64) ? numbers : undefined
  }

  /** What the first source's codec noted for writing; nothing when the format is another. */
  layoutFor(format: DatasetFormat): Record<string, unknown> {
    const [meta] = this.selection.metas
    return meta?.format === format ? meta.layout : {}
  }

  get columns(): readonly string[] | undefined {
    return this.selection.columns
  }

  splitAt(position: number): string | undefined {
    return this.#splits[position]
  }

  /** The splits of the written dataset. */
  get splits(): DatasetSplit[] {
    return this.groups.flatMap(({ split, from, to }) =>
      split === undefined ? [] : [{ name: split, from, to }]
    )
  }

  isExtra(position: number): boolean {
    return this.order[position]! >= this.selection.count
  }

  /** Whether an example's label is another than the one its source gives. */
  isRelabelled(position: number): boolean {
    const row = this.order[position]!
    return row < this.selection.count && this.selection.givenLabels[row] !== this.labels[position]
  }

  /** Nothing left out, added, reordered or relabelled: the source's own files say the same. */
  get isUntouched(): boolean {
    const { selection, request, order, labels } = this
    const untouched = selection.unselected !== undefined && !request.extra && request.truth === undefined
    return (
      untouched &&
      this.count === selection.count &&
      order.every((row, i) => row === i) &&
      labels.every((label, i) => label === selection.givenLabels[i])
    )
  }

  /** Features of positions from..to, as stored. */
  read(from: number, to: number): Uint8Array | Float32Array {
    const { selection } = this
    const rows = this.order.subarray(from, to)
    if (!this.request.extra || rows.every((row) => row < selection.count)) return selection.readRaw(rows)
    const size = exampleSize(this.shape)
    const values =
      this.dtype === 'uint8' ? new Uint8Array(rows.length * size) : new Float32Array(rows.length * size)
    rows.forEach((row, i) => {
      values.set(
        row < selection.count ? selection.readRaw([row]) : this.#extra(row - selection.count),
        i * size
      )
    })
    return values
  }

  #extra(index: number): Uint8Array | Float32Array {
    const size = exampleSize(this.shape)
    const values = this.request.extra!.rows.subarray(index * size, (index + 1) * size)
    return this.dtype === 'uint8' ? unitBytes(values) : values
  }

  /** Blocks of about 4 MB within from..to. */
  *blocks(from: number, to: number): Generator<{ from: number; values: Uint8Array | Float32Array }> {
    const rows = rowsPerBlock(exampleSize(this.shape) * (this.dtype === 'uint8' ? 1 : 4))
    for (let start = from; start < to; start += rows) {
      yield { from: start, values: this.read(start, Math.min(to, start + rows)) }
    }
  }
}

function groupsOf(splits: readonly (string | undefined)[]): ExportGroup[] {
  const groups: ExportGroup[] = []
  for (let from = 0; from < splits.length;) {
    let to = from + 1
    while (to < splits.length && splits[to] === splits[from]) to++
    groups.push({ split: splits[from], from, to })
    from = to
  }
  return groups
}

/** Values in 0..1 as bytes, rounded. */
function unitBytes(values: Float32Array): Uint8Array {
  return Uint8Array.from(values, (value) => Math.max(0, Math.min(255, Math.round(255 * value))))
}

/** Bytes of a block, for formats that hold nothing else. @throws Failure bad-input */
export function imageBytes(values: Uint8Array | Float32Array, format: DatasetFormat): Uint8Array {
  if (values instanceof Uint8Array) return values
  if (values.some((value) => value < 0 || value > 1)) {
    throw badInput(
      `Features outside 0..1 cannot be written as ${format}, which holds bytes.`,
      'Export as npz instead.'
    )
  }
  return unitBytes(values)
}

/** Callers of an export are code, not people: a wrong length is a defect. */
function checkSizes({ selection, keep, labels, truth, extra }: ExportRequest): void {
  const size = exampleSize(selection.shape)
  const wrong =
    (labels && labels.length !== selection.count && 'labels') ||
    (truth && truth.length !== selection.count && 'truth') ||
    (extra && extra.rows.length !== extra.labels.length * size && 'extra rows') ||
    (keep?.some((row) => row < 0 || row >= selection.count) && 'keep')
  if (wrong)
    throw new Failure('internal', `An export was asked for with wrong ${wrong}.`, 'Please report this.')
}
