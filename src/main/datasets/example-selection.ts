import type { DatasetFormat, DatasetMeta, ExampleShape } from '../../shared/domain/dataset'
import { exampleSize } from '../../shared/domain/dataset'
import { badInput } from '../../shared/domain/failure'
import type { ReferencePart } from '../../shared/domain/reference'
import { wordSpans } from '../../shared/domain/table-columns'
import type { TableRepresentation } from '../../shared/domain/table-columns'
import type { VouchedLabel } from '../../shared/domain/trusted-set'
import type { TermKind, TermRows } from '../../shared/numerics/term-rows'
import { commonClasses, remapLabels } from './class-agreement'
import { joinIntegers } from './codecs/splits'
import { corrected, eachRun, leftOutRows, partAt, vouchedRows } from './joined-parts'
import type { OpenPart, VouchedRows } from './joined-parts'
import { hasOriginals, KeptOriginals } from './kept-originals'
import { checkFiles, damaged } from './store/content'
import { LABELS_FILE, readFileNames, readIntegers, TRUTH_FILE } from './store/dataset-folder'
import type { SelectionPart } from './selection-part'
import { featuresOf } from './table/encoded-rows'
import { commonEncoding, isEncodedAs, representationOf, type Encoding } from './table/encoding'
import { RowCells, type TableCell } from './table/row-cells'
import { termsOf } from './table/text-terms'

/** An example by its dataset. */
export interface ExamplePlace {
  readonly meta: DatasetMeta
  readonly folder: string
  readonly row: number
}

/**
 * The examples that a reference names, read by row from disk: an ExampleSource of the engine. Memory holds
 * the labels only. Close it after use.
 */
export class ExampleSelection {
  readonly count: number
  readonly shape: ExampleShape
  /** How the rows of tables are encoded here; undefined for other examples. */
  readonly representation: TableRepresentation | undefined
  /** The given labels, with those in their place that somebody vouches for. */
  readonly labels: Int32Array
  /** uint8 when every part holds bytes. */
  readonly dtype: 'uint8' | 'float32'
  readonly #originals = new KeptOriginals()
  /** Rows that people left out: they keep their places, and no run trains on them. */
  readonly leftOut: ReadonlySet<number>
  readonly #cells = new Map<string, RowCells>()
  #files: readonly string[] | undefined
  #textColumns: ReadonlySet<string> | undefined

  private constructor(
    /** What the user wrote. */
    readonly reference: string,
    private readonly open: readonly OpenPart[],
    readonly classNames: readonly string[],
    /** As the source gives them. */
    readonly givenLabels: Int32Array,
    /** True labels where known. */
    readonly truth: Int32Array | undefined,
    readonly vouched: VouchedRows,
    private readonly encoding: Encoding
  ) {
    this.count = givenLabels.length
    this.labels = corrected(givenLabels, vouched)
    this.shape = encoding.shape
    this.representation = encoding.representation
    this.leftOut = leftOutRows(open)
    this.dtype = open.every(({ meta }) => meta.dtype === 'uint8') ? 'uint8' : 'float32'
  }

  /**
   * Join parts, which must agree on shape and classes; tables are encoded as the one is that gives most rows.
   * @throws Failure bad-input naming two that do not agree
   */
  static of(reference: string, parts: readonly SelectionPart[]): ExampleSelection {
    for (const { folder, meta } of parts) checkFiles(folder, meta)
    const encoding = commonEncoding(parts)
    const classNames = commonClasses(
      parts.map(({ meta, part }) => ({ name: part?.source ?? meta.name, classNames: meta.classNames }))
    )
    const labels = parts.map(({ folder, meta, from, to }) =>
      remapLabels(readIntegers(folder, LABELS_FILE, from, to), meta.classNames, classNames)
    )
    const truths = parts.map(({ folder, meta, from, to, truth }) => {
      const known = truth ?? (meta.hasTruth ? readIntegers(folder, TRUTH_FILE, from, to) : undefined)
      return known && remapLabels(known, meta.classNames, classNames)
    })
    const hasTruth = truths.every((truth) => truth)
    let start = 0
    const open = parts.map((part) => {
      const opened = { ...part, start, features: featuresOf(part, encoding) }
      start += part.to - part.from
      return opened
    })
    return new ExampleSelection(
      reference,
      open,
      classNames,
      joinIntegers(labels),
      hasTruth ? joinIntegers(truths.flatMap((truth) => truth ?? [])) : undefined,
      vouchedRows(open, classNames),
      encoding
    )
  }

  /** The same examples with their labels in another list of classes, which must hold this one's. */
  withClasses(classNames: readonly string[]): ExampleSelection {
    return new ExampleSelection(
      this.reference,
      this.open,
      classNames,
      remapLabels(this.givenLabels, this.classNames, classNames),
      this.truth && remapLabels(this.truth, this.classNames, classNames),
      vouchedRows(this.open, classNames),
      this.encoding
    )
  }

  /**
   * The same examples encoded as those of another selection; this one is closed then, unless it is that already.
   * @throws Failure bad-input naming a column that they lack
   */
  encodedAs(other: ExampleSelection): ExampleSelection {
    const { encoding } = other
    if (isEncodedAs(this.encoding, encoding)) return this
    const open = this.open.map((part) => ({ ...part, features: featuresOf(part, encoding) }))
    for (const { features } of this.open) features.close()
    return this.with(open, this.vouched, encoding)
  }

  /** The same examples with other labels vouched for, by row of each part's dataset. */
  withVouched(labelsOf: (meta: DatasetMeta, folder: string) => readonly VouchedLabel[]): ExampleSelection {
    const open = this.open.map((part) => ({ ...part, vouched: labelsOf(part.meta, part.folder) }))
    const vouched = vouchedRows(open, this.classNames)
    return this.with(open, vouched, this.encoding)
  }

  private with(open: readonly OpenPart[], vouched: VouchedRows, encoding: Encoding): ExampleSelection {
    const { reference, classNames, givenLabels, truth } = this
    return new ExampleSelection(reference, open, classNames, givenLabels, truth, vouched, encoding)
  }

  /** What the user wrote, part by part. */
  get parts(): readonly ReferencePart[] {
    return this.open.map(({ part, meta }) => part ?? { source: meta.name })
  }

  /** The dataset of each part. */
  get metas(): readonly DatasetMeta[] {
    return this.open.map(({ meta }) => meta)
  }

  /** Names of the features of a table, where they have any. */
  get columns(): readonly string[] | undefined {
    return this.encoding.names
  }

  /** The cells of a row of a table as they stand there, with what each column is for; undefined for other examples. */
  cellsOf(row: number): TableCell[] | undefined {
    const part = this.#at(row)
    let cells = this.#cells.get(part.folder)
    if (!cells) {
      const opened = RowCells.open(part.folder, part.meta)
      if (!opened) return undefined
      this.#cells.set(part.folder, opened)
      cells = opened
    }
    return cells.read(part.from + row - part.start)
  }

  /** Each part's dataset and the rows of it that are selected, in the selection's order. */
  get ranges(): readonly Pick<SelectionPart, 'meta' | 'from' | 'to' | 'vouched'>[] {
    return this.open.map(({ meta, from, to, vouched }) => ({ meta, from, to, vouched }))
  }

  /** What it is made of: the same rows of other folders make another selection of them. */
  get selected(): readonly SelectionPart[] {
    return this.open.map(({ meta, folder, from, to, part, truth, vouched, leftOut }) => ({
      meta,
      folder,
      from,
      to,
      part,
      truth,
      vouched,
      leftOut
    }))
  }

  /** Format of the first part's source. */
  get format(): DatasetFormat {
    return this.open[0]?.meta.format ?? 'npz'
  }

  /** Whether a manifest says so of any part. */
  get poisoned(): boolean {
    return this.open.some(({ meta }) => meta.poisoned)
  }

  /** File name of each example, relative to its source, where every part has them. */
  get files(): readonly string[] | undefined {
    if (this.open.some(({ meta }) => !meta.hasFiles)) return undefined
    this.#files ??= this.open.flatMap(({ folder, meta, from, to }) => {
      const names = readFileNames(folder)
      if (names.length !== meta.count) {
        throw damaged(meta, 'files.json', `has ${names.length} names instead of ${meta.count}`)
      }
      return names.slice(from, to)
    })
    return this.#files
  }

  /** The range of rows of a single dataset that this is, if it is one. */
  get unselected(): DatasetMeta | undefined {
    const [only, ...more] = this.open
    return only && more.length === 0 && only.from === 0 && only.to === only.meta.count ? only.meta : undefined
  }

  get folders(): readonly string[] {
    return this.open.map(({ folder }) => folder)
  }

  #at(row: number): OpenPart {
    return partAt(this.open, row)
  }

  /** The row of its own dataset that a row is. */
  rowInDataset(row: number): number {
    return this.placeOf(row).row
  }

  /** The dataset, its folder, and the row there that a row is. */
  placeOf(row: number): ExamplePlace {
    const { meta, folder, from, start } = this.#at(row)
    return { meta, folder, row: from + row - start }
  }

  /** The split of its dataset that a row lies in. */
  splitOf(row: number): string | undefined {
    const part = this.#at(row)
    const local = part.from + row - part.start
    return part.meta.splits.find(({ from, to }) => local >= from && local < to)?.name
  }

  /** Features of these rows, row after row: pixels scaled to 0..1, other features as they are. */
  readRows(rows: ArrayLike<number>): Float32Array {
    const size = exampleSize(this.shape)
    const out = new Float32Array(rows.length * size)
    eachRun(this.open, rows, (part, local, count, at) => {
      part.features.readFloats(local, count, out.subarray(at * size, (at + count) * size))
    })
    return out
  }

  /** Features of these rows as they are stored; scaled floats where parts differ in type. */
  readRaw(rows: ArrayLike<number>): Uint8Array | Float32Array {
    if (this.dtype === 'float32') return this.readRows(rows)
    const size = exampleSize(this.shape)
    const out = new Uint8Array(rows.length * size)
    eachRun(this.open, rows, (part, local, count, at) => {
      part.features.readBytes(local, count, out.subarray(at * size, (at + count) * size))
    })
    return out
  }

  /** Features that are words of one text, [from, to): they share one scale. */
  get alike(): readonly (readonly [number, number])[] {
    return this.representation ? wordSpans(this.representation) : []
  }

  /** Whether its examples hold texts that are written freely. */
  get hasTexts(): boolean {
    return this.representation?.columns.some(({ role }) => role === 'text') ?? false
  }

  /** The texts of the examples from..to. @throws Failure bad-input for data that hold none */
  readTexts(from: number, to: number): readonly string[] {
    if (!this.hasTexts) {
      throw badInput(
        `${this.reference} holds no texts.`,
        'Take a table with a column of texts, or give a column that role with --column.'
      )
    }
    return Array.from({ length: to - from }, (_, i) => {
      const cells = this.cellsOf(from + i) ?? []
      const texts = cells.filter(({ column }) => this.#isText(column.name))
      return texts.map(({ text }) => text).join('\n')
    })
  }

  /** Reads the terms of the texts that features are made of; undefined where there are none. */
  get readTerms(): ((rows: ArrayLike<number>, kind: TermKind) => TermRows) | undefined {
    if (this.alike.length === 0 || !this.open.every(({ meta }) => this.#hasItsTexts(meta))) return undefined
    return (rows, kind) =>
      termsOf(
        Array.from(rows, (row) => this.readTexts(row, row + 1)[0]!),
        kind
      )
  }

  /** Whether a dataset has the texts themselves, not only features made of them. */
  #hasItsTexts(meta: DatasetMeta): boolean {
    const own = new Set(representationOf(meta)?.columns.map(({ name }) => name))
    return this.representation!.columns.every(({ role, name }) => role !== 'text' || own.has(name))
  }

  #isText(name: string): boolean {
    this.#textColumns ??= new Set(
      this.representation?.columns.flatMap((column) => (column.role === 'text' ? [column.name] : []))
    )
    return this.#textColumns.has(name)
  }

  /** Whether the encoded image that an example came from was kept. */
  hasOriginal(row: number): boolean {
    return hasOriginals(this.#at(row).meta)
  }

  /**
   * The encoded image that an example came from; undefined where it came from none.
   * @throws Failure conflict when it was not kept, and is another by now
   */
  async originalOf(row: number): Promise<Buffer | undefined> {
    const part = this.#at(row)
    return this.#originals.read(part, part.from + row - part.start)
  }

  close(): void {
    for (const { features } of this.open) features.close()
    this.#originals.close()
    for (const cells of this.#cells.values()) cells.close()
    this.#cells.clear()
  }
}
