import { Readable } from 'node:stream'
import { badInput } from '../../shared/domain/failure'
import { ByteReader } from './byte-reader'
import type { NpyHeader } from './npy'
import { npyLength } from './npy'

/** Most bytes of an array that is transposed in memory. */
const MOST_TRANSPOSED = 512 << 20
/** Bytes given out at a time. */
const PIECE = 4 << 20

/** Whether an array is stored column by column (Fortran order), as pandas writes the numbers of a table. */
export function isByColumn({ fortranOrder, shape }: NpyHeader): boolean {
  return fortranOrder && shape.length > 1
}

/** @throws Failure bad-input for an array by columns that is too large to be transposed */
export function requireTransposable(header: NpyHeader, name: string): void {
  if (!isByColumn(header) || npyLength(header) * header.itemSize <= MOST_TRANSPOSED) return
  throw badInput(
    `${name} is stored column by column (Fortran order), and too large to be transposed here.`,
    'Save numpy.ascontiguousarray(x) instead.'
  )
}

/** The items of an array by columns, as bytes by rows: the last index moves fastest. */
export function byRow(bytes: Uint8Array, { shape, itemSize }: NpyHeader): Buffer {
  const [rows = 1, ...sides] = shape
  const width = sides.reduce((product, side) => product * side, 1)
  const transposed = Buffer.allocUnsafe(bytes.length)
  for (let column = 0; column < width; column++) {
    const from = rows * columnPlace(column, sides) * itemSize
    for (let row = 0; row < rows; row++) {
      const to = (row * width + column) * itemSize
      for (let i = 0; i < itemSize; i++) transposed[to + i] = bytes[from + row * itemSize + i]!
    }
  }
  return transposed
}

/** Where a column stands, counted by rows, among those that are counted by columns. */
function columnPlace(column: number, sides: readonly number[]): number {
  let left = column
  let place = 0
  const strides = sides.map((_, i) => sides.slice(0, i).reduce((product, side) => product * side, 1))
  for (let i = sides.length - 1; i >= 0; i--) {
    place += (left % sides[i]!) * strides[i]!
    left = Math.floor(left / sides[i]!)
  }
  return place
}

/** A reader behind an array's header that gives its items by rows, whichever way they are stored. */
export async function readerByRow(reader: ByteReader, header: NpyHeader): Promise<ByteReader> {
  if (!isByColumn(header)) return reader
  try {
    const bytes = await reader.read(npyLength(header) * header.itemSize, 'examples')
    // What goes on after them is handed on, for whoever asks where it ends.
    const rest = (await reader.atEnd()) ? [] : [Buffer.alloc(1)]
    const transposed = byRow(bytes, header)
    const pieces = Array.from({ length: Math.ceil(transposed.length / PIECE) }, (_, i) =>
      transposed.subarray(i * PIECE, (i + 1) * PIECE)
    )
    return new ByteReader(Readable.from([...pieces, ...rest]), reader.name)
  } finally {
    reader.close()
  }
}
