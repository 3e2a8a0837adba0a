import { badInput } from '../../../shared/domain/failure'
import type { RepresentedColumn } from '../../../shared/domain/table-columns'
import { rowsPerBlock } from '../../file-formats/byte-reader'
import type { ReadTarget } from '../codecs/codec'
import { cellNumber } from '../codecs/table-cells'
import type { FeatureWriter } from '../store/feature-writer'
import type { CellEncoder } from './cell-encoder'

/** Features row by row, written in blocks of a few megabytes. */
export class RowBlocks {
  readonly #block: Float32Array
  #filled = 0

  private constructor(
    readonly writer: FeatureWriter,
    private readonly size: number
  ) {
    this.#block = new Float32Array(rowsPerBlock(4 * size) * size)
  }

  /** @param place names a row, from 0 */
  static async create(
    target: ReadTarget,
    size: number,
    place: (row: number, column: number) => string
  ): Promise<RowBlocks> {
    return new RowBlocks(await target.features([size], 'float32', place), size)
  }

  /** Where the next row is to be written: all of it is zero, or what a row that was given up left. */
  next(): { readonly values: Float32Array; readonly at: number } {
    return { values: this.#block, at: this.#filled }
  }

  /** The next row is written. */
  async added(): Promise<void> {
    this.#filled += this.size
    if (this.#filled === this.#block.length) await this.flush()
  }

  async flush(): Promise<void> {
    if (this.#filled > 0) await this.writer.append(this.#block.subarray(0, this.#filled))
    this.#block.fill(0)
    this.#filled = 0
  }
}

/** Encode the cells of one row into the next one of the blocks. @param cell text of column i */
export async function encodedRow(
  columns: readonly RepresentedColumn[],
  encoders: readonly CellEncoder[],
  cell: (i: number) => string,
  blocks: RowBlocks,
  place: (i: number) => string
): Promise<void> {
  const { values, at: start } = blocks.next()
  let at = start
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!
    const encoder = encoders[i]!
    if (encoder.size === 0) continue
    if (column.role === 'number' && column.width !== undefined)
      writeList(cell(i), column.width, values, at, () => place(i))
    else encoder.write(cell(i), values, at)
    at += encoder.size
  }
  await blocks.added()
}

/** Numbers with blanks between. @throws Failure bad-input where they are not as many, or one is no number */
export function writeList(
  text: string,
  width: number,
  into: Float32Array,
  from: number,
  place: () => string
): void {
  const items = text === '' ? [] : text.split(' ')
  if (items.length !== width) {
    throw badInput(
      `${place()}: the list holds ${items.length} numbers, but the first one ${width}.`,
      'Give every list as many numbers, or leave the column out with --leave-out.'
    )
  }
  for (const [i, item] of items.entries()) {
    const kept = Math.fround(cellNumber(item, false))
    if (kept - kept !== 0) {
      throw badInput(
        `${place()}: "${item.slice(0, 40)}" in the list is not a finite number that a 32-bit float holds.`,
        'Fill in a number, or leave the row or the column out with --leave-out.'
      )
    }
    into[from + i] = kept
  }
}
