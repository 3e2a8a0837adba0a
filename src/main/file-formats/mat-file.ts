import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createInflate } from 'node:zlib'
import { badInput } from '../../shared/domain/failure'
import { ByteReader } from './byte-reader'
import { npyNumbers, type NpyHeader } from './npy'

/** A variable of a MATLAB 5 file, not yet read. */
export interface MatVariable {
  readonly name: string
  readonly dims: readonly number[]
  /** Storage type of its data, as in NPY (u1, f8, ...); undefined for what is no array of numbers. */
  readonly type?: string
  /** Bytes of one item. */
  readonly itemSize: number
  /** Bytes of its data. */
  readonly dataSize: number
  /** Place in the file of its element, and how long that is. */
  readonly offset: number
  readonly size: number
  readonly compressed: boolean
}

const HEADER = 128
/** A file of this product or of MATLAB's own examples has a handful. */
const MOST_VARIABLES = 1000
const MOST_SIDES = 32
const MI_MATRIX = 14
const MI_COMPRESSED = 15
/** Storage types of MAT-file elements (MAT-File Format, table 1-1). */
const TYPES: Record<number, readonly [string, number]> = {
  1: ['i1', 1],
  2: ['u1', 1],
  3: ['i2', 2],
  4: ['u2', 2],
  5: ['i4', 4],
  6: ['u4', 4],
  7: ['f4', 4],
  9: ['f8', 8]
}

interface Tag {
  readonly type: number
  readonly size: number
  /** Small elements carry their data inside the tag. */
  readonly inline?: Buffer
}

async function readTag(reader: ByteReader): Promise<Tag> {
  const bytes = await reader.read(8, 'element header')
  const first = bytes.readUInt32LE(0)
  if (first >>> 16 === 0) return { type: first, size: bytes.readUInt32LE(4) }
  return { type: first & 0xffff, size: first >>> 16, inline: bytes.subarray(4, 4 + (first >>> 16)) }
}

async function readElement(reader: ByteReader): Promise<Buffer> {
  const tag = await readTag(reader)
  if (tag.inline) return tag.inline
  if (tag.size > 1 << 20) throw damaged(reader.name)
  const bytes = await reader.read(tag.size, 'variable header')
  await reader.skip(padding(tag.size))
  return bytes
}

/** Elements begin at multiples of eight bytes. */
function padding(size: number): number {
  return (8 - (size % 8)) % 8
}

function damaged(name: string): Error {
  return badInput(`${name} is a damaged MATLAB file.`, 'Copy or download it again.')
}

/** List the variables of a MATLAB 5 file (MATLAB's save -v7 or -v6, scipy.io.savemat). */
export async function listMatVariables(path: string, name: string): Promise<MatVariable[]> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const header = Buffer.alloc(HEADER)
    const { bytesRead } = await file.read(header, 0, HEADER, 0)
    const text = header.subarray(0, 116).toString('latin1')
    if (text.startsWith('MATLAB 7.3') || header.subarray(0, 4).toString('latin1') === '\x89HDF') {
      throw badInput(`${name} is a MATLAB 7.3 (HDF5) file, which is not read.`, "Save it with '-v7'.")
    }
    if (bytesRead === HEADER && header.subarray(124, 128).equals(Buffer.from([0x01, 0x00, 0x4d, 0x49]))) {
      throw badInput(
        `${name} is a MATLAB 5 file in big-endian byte order, which is not read.`,
        'Save it again with a current MATLAB, or with scipy.io.savemat.'
      )
    }
    if (bytesRead < HEADER || header.readUInt16LE(124) !== 0x0100 || header.readUInt16LE(126) !== 0x4d49) {
      throw badInput(`${name} is no MATLAB 5 file.`, "Save it with '-v7', or with scipy.io.savemat.")
    }
    const variables: MatVariable[] = []
    for (let offset = HEADER; offset < size;) {
      const tag = Buffer.alloc(8)
      if ((await file.read(tag, 0, 8, offset)).bytesRead < 8) throw damaged(name)
      const type = tag.readUInt32LE(0)
      const length = tag.readUInt32LE(4)
      if (offset + 8 + length > size) {
        throw badInput(
          `${name} is truncated: it ends after ${size} bytes, in a variable that goes on to byte ${offset + 8 + length}.`,
          'Copy or download it again.'
        )
      }
      const element = { offset: offset + 8, size: length, compressed: type === MI_COMPRESSED }
      if (length > 0 && (type === MI_COMPRESSED || type === MI_MATRIX)) {
        if (variables.length >= MOST_VARIABLES) throw damaged(name)
        const reader = openElement(path, name, element)
        try {
          const variable = await readVariableHeader(reader, element.compressed)
          if (variable) variables.push({ ...variable, ...element })
        } finally {
          reader.close()
        }
      }
      offset += 8 + length + (type === MI_COMPRESSED ? 0 : padding(length))
    }
    return variables
  } finally {
    await file.close()
  }
}

function openElement(
  path: string,
  name: string,
  element: Pick<MatVariable, 'offset' | 'size' | 'compressed'>
): ByteReader {
  const { offset, size } = element
  const file = createReadStream(path, { start: offset, end: offset + size - 1, highWaterMark: 1 << 18 })
  if (!element.compressed) return new ByteReader(file, name)
  const inflated = createInflate({ chunkSize: 1 << 18 })
  pipeline(file, inflated, () => undefined)
  return new ByteReader(inflated, name)
}

/** Leaves the reader at the first byte of data. */
async function readVariableHeader(
  reader: ByteReader,
  compressed: boolean
): Promise<
  (Pick<MatVariable, 'name' | 'dims' | 'type' | 'itemSize' | 'dataSize'> & { inline?: Buffer }) | undefined
> {
  if (compressed && (await readTag(reader)).type !== MI_MATRIX) return undefined
  const flags = await readElement(reader)
  // Classes 6 to 15 are arrays of numbers; the rest are cells, structures, text and sparse matrices.
  const numeric = (flags[0] ?? 0) >= 6 && (flags[0] ?? 0) <= 15
  const dims = await readElement(reader)
  const name = (await readElement(reader)).toString('latin1')
  const sides = Array.from({ length: Math.floor(dims.length / 4) }, (_, i) => dims.readInt32LE(4 * i))
  if (sides.length > MOST_SIDES || sides.some((side) => side < 0)) {
    throw badInput(
      `Variable ${name.slice(0, 60)} in ${reader.name} has dimensions that cannot be: ${sides.slice(0, 8).join(' x ')}.`,
      'Copy or download it again.'
    )
  }
  if (!numeric) return { name, dims: sides, itemSize: 1, dataSize: 0 }
  const data = await readTag(reader)
  const [type, itemSize] = TYPES[data.type] ?? [undefined, 1]
  return { name, dims: sides, type, itemSize, dataSize: data.size, inline: data.inline }
}

/** A stream over the data of a variable, first index fastest. */
export async function openMatData(path: string, name: string, variable: MatVariable): Promise<ByteReader> {
  const reader = openElement(path, `variable ${variable.name} in ${name}`, variable)
  await readVariableHeader(reader, variable.compressed)
  return reader
}

/**
 * All numbers of a small variable.
 * @throws Failure bad-input where it holds none, or another number of them than its dimensions say
 */
export async function readMatNumbers(
  path: string,
  name: string,
  variable: MatVariable
): Promise<ArrayLike<number | bigint>> {
  const { type, itemSize } = variable
  const size = variable.dims.reduce((length, side) => length * side, itemSize)
  if (type === undefined) {
    throw badInput(
      `Variable ${variable.name} in ${name} holds no numbers.`,
      'Save it as an array of numbers.'
    )
  }
  if (size !== variable.dataSize) throw damaged(name)
  const reader = openElement(path, `variable ${variable.name} in ${name}`, variable)
  try {
    const inline = (await readVariableHeader(reader, variable.compressed))?.inline
    const bytes = inline?.subarray(0, size) ?? (await reader.read(size, 'values'))
    const header: NpyHeader = { type, itemSize, bigEndian: false, fortranOrder: true, shape: [] }
    return npyNumbers(header, Buffer.from(bytes)) ?? []
  } finally {
    reader.close()
  }
}
