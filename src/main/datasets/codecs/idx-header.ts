import type { ExampleShape } from '../../../shared/domain/dataset'
import { badInput } from '../../../shared/domain/failure'
import { ByteReader, rowBlocks } from '../../file-formats/byte-reader'
import { npyNumbers, type NpyHeader } from '../../file-formats/npy'
import { requireTrainable } from '../example-size'
import { LabelCoder, type LabelArray } from './label-array'

/** Element types of IDX (third byte of the magic number). */
export const IDX_UBYTE = 0x08
export const IDX_INT = 0x0c
export const IDX_FLOAT = 0x0d
/** Element types as NumPy calls them, and their widths in bytes. */
const TYPES: Readonly<Record<number, readonly [string, number]>> = {
  0x08: ['u1', 1],
  0x09: ['i1', 1],
  0x0b: ['i2', 2],
  0x0c: ['i4', 4],
  0x0d: ['f4', 4],
  0x0e: ['f8', 8]
}
/** QMNIST gives eight facts of each digit, its class first. */
const QMNIST_COLUMNS = 8

export interface IdxHeader {
  readonly type: number
  /** Number of items first. */
  readonly sides: readonly number[]
}

/** Whether bytes begin like an IDX file: two zeros, an element type, 1 to 4 dimensions. */
export function looksLikeIdx(head: Uint8Array): boolean {
  const [a, b, type = 0, dimensions = 0] = head
  return a === 0 && b === 0 && type >= 0x08 && type <= 0x0e && dimensions >= 1 && dimensions <= 4
}

/** Read the header and leave the reader at the first item. */
export async function readIdxHeader(reader: ByteReader): Promise<IdxHeader> {
  const magic = await reader.read(4, 'IDX header')
  if (!looksLikeIdx(magic)) {
    throw badInput(
      `${reader.name} is no IDX file: it begins with ${magic.toString('hex')} instead of a magic number such as 00000803.`,
      'Copy or download it again, or force another format with --format.'
    )
  }
  const sides: number[] = []
  for (let i = 0; i < magic[3]!; i++) sides.push((await reader.read(4, 'IDX header')).readUInt32BE())
  return { type: magic[2]!, sides }
}

/** Elements of a block as NumPy reads them; undefined for a type that is not known. */
export function idxElements({ type }: IdxHeader): NpyHeader | undefined {
  const known = TYPES[type]
  return known && { type: known[0], itemSize: known[1], bigEndian: true, fortranOrder: false, shape: [] }
}

/** Shape of one example of an images file. */
export function idxShape(header: IdxHeader, name: string): ExampleShape {
  const [, ...sides] = header.sides
  if (!idxElements(header)) {
    throw badInput(
      `${name} holds elements of type 0x${header.type.toString(16).padStart(2, '0')}, which is none of IDX.`,
      'Convert it, or use NPZ.'
    )
  }
  const [a, b, c] = sides
  if (sides.some((side) => side === 0) || a === undefined) {
    throw badInput(
      `${name} holds no images: its header says ${header.sides.join(' x ')}.`,
      'Name the images file, not the labels file.'
    )
  }
  requireTrainable(sides, name)
  if (b === undefined) return [a]
  return [a, b, c ?? 1]
}

/**
 * All labels of a labels file: one column of whole numbers, or the first of QMNIST's eight.
 * @param expected how many there must be, as a clause says: "but x holds 10 images"
 * @throws Failure bad-input naming the file and place
 */
export async function readIdxLabels(
  path: string,
  name: string,
  expected?: { readonly count: number; readonly why: string; readonly remedy: string }
): Promise<LabelArray & { readonly columns: number }> {
  const reader = await ByteReader.openFile(path, name)
  try {
    const header = await readIdxHeader(reader)
    const elements = idxElements(header)
    const [count = 0, columns = 1, ...more] = header.sides
    const readable = columns === 1 || (columns === QMNIST_COLUMNS && header.type === IDX_INT)
    if (more.length > 0 || !elements || !readable) {
      throw badInput(
        `${name} holds no labels: its header says ${header.sides.join(' x ')} elements of type 0x${header.type.toString(16).padStart(2, '0')}.`,
        'A labels file has one number for each example (magic number 00000801), no columns of one-hot labels.'
      )
    }
    if (expected && expected.count !== count) {
      throw badInput(`${name} holds ${count} labels, ${expected.why}.`, expected.remedy)
    }
    const coder = new LabelCoder(name, count, true)
    for await (const block of rowBlocks(reader, count, elements.itemSize * columns, 'labels')) {
      const numbers = npyNumbers(elements, block) ?? []
      for (let i = 0; i < numbers.length; i += columns) coder.add(numbers[i]!)
    }
    if (!(await reader.atEnd())) {
      throw badInput(`${name} goes on after the ${count} labels of its header.`, 'Copy or download it again.')
    }
    return { ...coder.finish(), columns }
  } finally {
    reader.close()
  }
}

/** Header bytes. */
export function idxHeader(type: number, sides: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * sides.length)
  header[2] = type
  header[3] = sides.length
  sides.forEach((side, i) => header.writeUInt32BE(side, 4 + 4 * i))
  return header
}
