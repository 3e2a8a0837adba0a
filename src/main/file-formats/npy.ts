import { badInput } from '../../shared/domain/failure'
import type { ByteReader } from './byte-reader'
import { parseNpyDictionary } from './npy-dictionary'

/** Header of an NPY file (numpy.lib.format, versions 1 to 3). */
export interface NpyHeader {
  /** Type code without byte order: u1, i8, f4, U12, O, ... */
  readonly type: string
  /** Bytes of one item. */
  readonly itemSize: number
  readonly bigEndian: boolean
  readonly fortranOrder: boolean
  readonly shape: readonly number[]
}

/** Headers of plain arrays have about a hundred bytes. */
const LONGEST_HEADER = 1 << 16
const SAVE_AGAIN = 'Write it again with numpy.save.'
const MAGIC = Buffer.from('\x93NUMPY', 'latin1')

/** Read an NPY header and leave the reader at the first byte of data. */
export async function readNpyHeader(reader: ByteReader): Promise<NpyHeader> {
  const start = await reader.read(8, 'NPY header')
  if (!start.subarray(0, 6).equals(MAGIC)) {
    throw badInput(`${reader.name} is not an NPY array.`, 'Write it with numpy.save or numpy.savez.')
  }
  const version = start[6] ?? 0
  const size =
    version === 1
      ? (await reader.read(2, 'NPY header')).readUInt16LE()
      : (await reader.read(4, 'NPY header')).readUInt32LE()
  if (version < 1 || version > 3 || size > LONGEST_HEADER) {
    throw badInput(
      `${reader.name} has an NPY header that is not understood.`,
      'Write it again with numpy.save.'
    )
  }
  return parseNpyHeader((await reader.read(size, 'NPY header')).toString('utf8'), reader.name)
}

function parseNpyHeader(text: string, name: string): NpyHeader {
  const { descr, order, shape } = parseNpyDictionary(text, name)
  const bigEndian = descr.startsWith('>')
  const type = /^[<>|=]/.test(descr) ? descr.slice(1) : descr
  const size = Number(type.slice(1) || '8')
  if (type !== '?' && !/^[a-zA-Z][0-9]{0,9}(\[[a-zA-Z0-9]{1,8}\])?$/.test(type)) {
    throw badInput(`${name} has the type "${type.slice(0, 40)}", which is not known.`, SAVE_AGAIN)
  }
  return {
    type: type === '?' ? 'b1' : type,
    itemSize: type === '?' ? 1 : type.startsWith('U') ? 4 * size : Number.isInteger(size) ? size : 8,
    bigEndian,
    fortranOrder: order,
    shape
  }
}

/** Total number of items; may be more than any memory holds. */
export function npyLength(header: NpyHeader): number {
  return header.shape.reduce((length, side) => length * side, 1)
}

const SWAP: Record<number, (bytes: Buffer) => Buffer> = {
  2: (bytes) => bytes.swap16(),
  4: (bytes) => bytes.swap32(),
  8: (bytes) => bytes.swap64()
}

/**
 * Numbers of an NPY block as an array whose elements can be read; undefined for types that hold no real
 * numbers. May swap `bytes` in place.
 */
export function npyNumbers(header: NpyHeader, bytes: Buffer): ArrayLike<number | bigint> | undefined {
  if (header.bigEndian) SWAP[header.itemSize]?.(bytes)
  const aligned = bytes.byteOffset % header.itemSize === 0 ? bytes : Buffer.from(new Uint8Array(bytes).buffer)
  const { buffer, byteOffset } = aligned
  const length = bytes.length / header.itemSize
  switch (header.type) {
    case 'b1':
    case 'u1':
      return new Uint8Array(buffer, byteOffset, length)
    case 'i1':
      return new Int8Array(buffer, byteOffset, length)
    case 'u2':
      return new Uint16Array(buffer, byteOffset, length)
    case 'i2':
      return new Int16Array(buffer, byteOffset, length)
    case 'u4':
      return new Uint32Array(buffer, byteOffset, length)
    case 'i4':
      return new Int32Array(buffer, byteOffset, length)
    case 'u8':
      return new BigUint64Array(buffer, byteOffset, length)
    case 'i8':
      return new BigInt64Array(buffer, byteOffset, length)
    case 'f2':
      return halfFloats(new Uint16Array(buffer, byteOffset, length))
    case 'f4':
      return new Float32Array(buffer, byteOffset, length)
    case 'f8':
      return new Float64Array(buffer, byteOffset, length)
    default:
      return undefined
  }
}

const NUMERIC = /^(b1|[ui][1248]|f[248])$/

export function isNumeric(header: NpyHeader): boolean {
  return NUMERIC.test(header.type)
}

/**
 * Strings of a U (UTF-32) or S (UTF-8) array, without the zeros that fill them up.
 * @throws Failure bad-input for bytes that are no text: two classes must never become one
 */
export function npyStrings(header: NpyHeader, bytes: Buffer, name: string): string[] {
  const wide = header.type.startsWith('U')
  if (header.bigEndian && wide) bytes.swap32()
  const texts: string[] = []
  for (let at = 0; at + header.itemSize <= bytes.length && header.itemSize > 0; at += header.itemSize) {
    const item = withoutPadding(bytes.subarray(at, at + header.itemSize), wide ? 4 : 1)
    texts.push(wide ? utf32(item, name) : utf8(item, name))
  }
  return texts
}

function withoutPadding(item: Buffer, width: number): Buffer {
  let end = item.length
  while (end > 0 && item[end - 1] === 0) end--
  return item.subarray(0, Math.ceil(end / width) * width)
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function utf8(bytes: Buffer, name: string): string {
  try {
    return UTF8.decode(bytes)
  } catch (error) {
    throw badInput(
      `${name} holds texts that are not UTF-8, such as ${JSON.stringify(bytes.toString('latin1').slice(0, 40))}.`,
      'Save them as texts, for example numpy.char.decode(y, "latin-1").',
      error
    )
  }
}

function utf32(bytes: Buffer, name: string): string {
  let text = ''
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const point = bytes.readUInt32LE(at)
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
      throw badInput(`${name} holds a text with the character ${point}, which is none.`, SAVE_AGAIN)
    }
    text += String.fromCodePoint(point)
  }
  return text
}

/** IEEE 754 binary16 as numbers. */
export function halfFloats(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, (half) => {
    const sign = half & 0x8000 ? -1 : 1
    const exponent = (half >> 10) & 0x1f
    const fraction = half & 0x3ff
    if (exponent === 0) return sign * fraction * 2 ** -24
    if (exponent === 31) return fraction ? NaN : sign * Infinity
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
  })
}

/** Bytes of a header written by {@link npyHeader}: fixed, so that the count can be filled in at the end. */
export const NPY_HEADER_BYTES = 128

/** NPY version 1 header of a C-order array; `descr` as numpy writes it, e.g. '<f4'. */
export function npyHeader(descr: string, shape: readonly number[]): Buffer {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sides}), }`
  const header = Buffer.alloc(NPY_HEADER_BYTES, ' ')
  MAGIC.copy(header)
  header.writeUInt16LE(0x0001, 6)
  header.writeUInt16LE(NPY_HEADER_BYTES - 10, 8)
  header.write(text, 10, 'latin1')
  header[NPY_HEADER_BYTES - 1] = 0x0a
  return header
}

/** A one-dimensional array of texts as numpy writes it (type U, padded to the longest). */
export function npyTexts(texts: readonly string[]): Buffer {
  const points = texts.map((text) => Array.from(text, (character) => character.codePointAt(0) ?? 0))
  const width = Math.max(1, ...points.map((point) => point.length))
  const data = Buffer.alloc(texts.length * width * 4)
  points.forEach((row, i) => row.forEach((point, j) => data.writeUInt32LE(point, 4 * (i * width + j))))
  return Buffer.concat([npyHeader(`<U${width}`, [texts.length]), data])
}

/** The bytes of a typed array, without a copy. */
export function bytesOf(array: ArrayBufferView): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength)
}
