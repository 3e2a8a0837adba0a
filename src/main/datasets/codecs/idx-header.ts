import type { ExampleShape } from '../../../shared/domain/dataset'
import { badInput } from '../../../shared/domain/failure'
import { ByteReader } from '../bytes/byte-reader'

/** Element types of IDX (third byte of the magic number). */
export const IDX_UBYTE = 0x08
export const IDX_INT = 0x0c
export const IDX_FLOAT = 0x0d
const LABEL_BYTES: Record<number, number> = { 0x08: 1, 0x09: 1, 0x0b: 2, 0x0c: 4 }

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

/** Shape of one example of an images file. */
export function idxShape(header: IdxHeader, name: string): ExampleShape {
  const [, ...sides] = header.sides
  if (header.type !== IDX_UBYTE && header.type !== IDX_FLOAT) {
    throw badInput(
      `${name} holds elements of type 0x${header.type.toString(16).padStart(2, '0')}; images are unsigned bytes (0x08) or floats (0x0d).`,
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
  if (b === undefined) return [a]
  return [a, b, c ?? 1]
}

/** All labels of a labels file. @throws Failure bad-input naming the file and place */
export async function readIdxLabels(path: string, name: string): Promise<Int32Array> {
  const reader = await ByteReader.openFile(path, name)
  try {
    const header = await readIdxHeader(reader)
    const width = LABEL_BYTES[header.type]
    if (header.sides.length !== 1 || width === undefined) {
      throw badInput(
        `${name} holds no labels: its header says ${header.sides.join(' x ')} elements of type 0x${header.type.toString(16).padStart(2, '0')}.`,
        'A labels file has one dimension of integers (magic number 00000801).'
      )
    }
    const count = header.sides[0] ?? 0
    const bytes = await reader.read(count * width, 'labels')
    if (!(await reader.atEnd())) {
      throw badInput(`${name} goes on after the ${count} labels of its header.`, 'Copy or download it again.')
    }
    const labels = new Int32Array(count)
    for (let i = 0; i < count; i++) {
      labels[i] = header.type === IDX_UBYTE ? bytes[i]! : bytes.readIntBE(i * width, width)
      if (labels[i]! < 0) {
        throw badInput(`${name}: label ${i} is negative (${labels[i]}).`, 'Number the classes from 0.')
      }
    }
    return labels
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
