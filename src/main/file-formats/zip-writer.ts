import { pipeline } from 'node:stream/promises'
import { crc32, createDeflateRaw } from 'node:zlib'

/** A file to put into a zip. */
export interface ZipMember {
  /** With forward slashes. */
  readonly path: string
  /** Bytes that it has: known beforehand, so that a file that changes on the way is noticed. */
  readonly size: number
  /** Deflate it; by default it is stored. */
  readonly compress?: boolean
  /** Default: the beginning of 1980, so that the same data gives the same zip. */
  readonly modified?: Date
  bytes(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

const LOCAL = 0x04034b50
const DESCRIPTOR = 0x08074b50
const DIRECTORY = 0x02014b50
const END = 0x06054b50
const END_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50

const LOCAL_BYTES = 30
const DIRECTORY_BYTES = 46
const END_BYTES = 22
const END_64_BYTES = 56 + 20
/** Sizes follow the data, and names are UTF-8. */
const FLAGS = 0x0808
const FOUR_GIGABYTES = 0xffffffff
/** Deflated data may be a little larger than what went in. */
const LARGE = 0xfff00000
const MOST_ENTRIES = 0xffff
/** A plain file that its owner and group may write. */
const ATTRIBUTES = 0o100664 * 0x10000

interface Written extends ZipMember {
  readonly offset: number
  readonly crc: number
  readonly packed: number
}

/**
 * A zip, piece by piece, as fast as it is asked for. There is no stream behind it: what goes wrong while a member is
 * read is thrown to whoever asks for the next piece, and whoever stops asking ends the reading.
 * @throws what reading a member throws; RangeError when one has another size than it said
 */
export async function* zipBytes(members: Iterable<ZipMember>): AsyncGenerator<Uint8Array> {
  const written: Written[] = []
  let offset = 0
  for (const member of members) {
    const header = localHeader(member)
    yield header
    const sums = { crc: 0, size: 0 }
    let packed = 0
    const content = summed(member, sums)
    for await (const piece of member.compress ? deflated(content) : content) {
      packed += piece.length
      yield piece
    }
    const descriptor = dataDescriptor(member, sums.crc, packed)
    yield descriptor
    written.push({ ...member, offset, crc: sums.crc, packed })
    offset += header.length + packed + descriptor.length
  }
  let directoryBytes = 0
  for (const member of written) {
    const record = directoryRecord(member)
    directoryBytes += record.length
    yield record
  }
  yield endRecord(written.length, directoryBytes, offset)
}

/** Bytes of the zip of these members, none of them deflated. */
export function storedZipSize(members: Iterable<ZipMember>): number {
  let offset = 0
  let directoryBytes = 0
  let count = 0
  for (const member of members) {
    const at = { ...member, offset, crc: 0, packed: member.size }
    directoryBytes += directoryRecord(at).length
    offset += localHeader(member).length + member.size + dataDescriptor(member, 0, member.size).length
    count++
  }
  return offset + directoryBytes + endRecord(count, directoryBytes, offset).length
}

/** The member's bytes as they are; their checksum and number are in `sums` at the end. */
async function* summed(
  { path, size, bytes }: ZipMember,
  sums: { crc: number; size: number }
): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes()) {
    sums.crc = crc32(piece, sums.crc)
    sums.size += piece.length
    if (sums.size > size) break
    yield piece
  }
  if (sums.size !== size) throw new RangeError(`${path} has ${sums.size} bytes, not the ${size} it said.`)
}

async function* deflated(content: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const deflate = createDeflateRaw({ chunkSize: 1 << 16 })
  const feeding = pipeline(content, deflate)
  // What it throws reaches the reader of `deflate` as well; until then it must not count as unhandled.
  feeding.catch(() => undefined)
  for await (const piece of deflate as AsyncIterable<Uint8Array>) yield piece
  await feeding
}

function isLarge({ size }: ZipMember): boolean {
  return size >= LARGE
}

function localHeader(member: ZipMember): Buffer {
  const name = Buffer.from(member.path)
  const extra = isLarge(member) ? wideFields([0, 0]) : Buffer.alloc(0)
  const header = Buffer.alloc(LOCAL_BYTES)
  header.writeUInt32LE(LOCAL, 0)
  commonFields(member, name, extra).copy(header, 4)
  return Buffer.concat([header, name, extra])
}

/** What a local header and a directory record share: version, flags, method, time, sums (none yet), lengths. */
function commonFields(member: ZipMember, name: Buffer, extra: Buffer): Buffer {
  const fields = Buffer.alloc(LOCAL_BYTES - 4)
  const { time, date } = dosTime(member.modified)
  fields.writeUInt16LE(isLarge(member) ? 45 : 20, 0)
  fields.writeUInt16LE(FLAGS, 2)
  fields.writeUInt16LE(member.compress ? 8 : 0, 4)
  fields.writeUInt16LE(time, 6)
  fields.writeUInt16LE(date, 8)
  fields.writeUInt16LE(name.length, 22)
  fields.writeUInt16LE(extra.length, 24)
  return fields
}

function dataDescriptor(member: ZipMember, crc: number, packed: number): Buffer {
  const wide = isLarge(member)
  const fields = Buffer.alloc(wide ? 24 : 16)
  fields.writeUInt32LE(DESCRIPTOR, 0)
  fields.writeUInt32LE(crc, 4)
  if (wide) {
    fields.writeBigUInt64LE(BigInt(packed), 8)
    fields.writeBigUInt64LE(BigInt(member.size), 16)
  } else {
    fields.writeUInt32LE(packed, 8)
    fields.writeUInt32LE(member.size, 12)
  }
  return fields
}

function directoryRecord(member: Written): Buffer {
  const name = Buffer.from(member.path)
  const wide = isLarge(member) || member.offset >= FOUR_GIGABYTES
  const extra = wide ? wideFields([member.size, member.packed, member.offset]) : Buffer.alloc(0)
  const record = Buffer.alloc(DIRECTORY_BYTES)
  record.writeUInt32LE(DIRECTORY, 0)
  record.writeUInt16LE((3 << 8) | 45, 4)
  commonFields(member, name, extra).copy(record, 6)
  record.writeUInt32LE(member.crc, 16)
  record.writeUInt32LE(wide ? FOUR_GIGABYTES : member.packed, 20)
  record.writeUInt32LE(wide ? FOUR_GIGABYTES : member.size, 24)
  record.writeUInt32LE(ATTRIBUTES, 38)
  record.writeUInt32LE(wide ? FOUR_GIGABYTES : member.offset, 42)
  return Buffer.concat([record, name, extra])
}

/** The extra field of Zip64. */
function wideFields(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length)
  extra.writeUInt16LE(1, 0)
  extra.writeUInt16LE(8 * values.length, 2)
  values.forEach((value, i) => extra.writeBigUInt64LE(BigInt(value), 4 + 8 * i))
  return extra
}

function endRecord(count: number, directoryBytes: number, offset: number): Buffer {
  const wide = count >= MOST_ENTRIES || directoryBytes >= FOUR_GIGABYTES || offset >= FOUR_GIGABYTES
  const end = Buffer.alloc(END_BYTES)
  end.writeUInt32LE(END, 0)
  end.writeUInt16LE(wide ? MOST_ENTRIES : count, 8)
  end.writeUInt16LE(wide ? MOST_ENTRIES : count, 10)
  end.writeUInt32LE(wide ? FOUR_GIGABYTES : directoryBytes, 12)
  end.writeUInt32LE(wide ? FOUR_GIGABYTES : offset, 16)
  if (!wide) return end
  const large = Buffer.alloc(END_64_BYTES)
  large.writeUInt32LE(END_64, 0)
  large.writeBigUInt64LE(44n, 4)
  large.writeUInt16LE((3 << 8) | 45, 12)
  large.writeUInt16LE(45, 14)
  large.writeBigUInt64LE(BigInt(count), 24)
  large.writeBigUInt64LE(BigInt(count), 32)
  large.writeBigUInt64LE(BigInt(directoryBytes), 40)
  large.writeBigUInt64LE(BigInt(offset), 48)
  large.writeUInt32LE(LOCATOR_64, 56)
  large.writeBigUInt64LE(BigInt(offset + directoryBytes), 64)
  large.writeUInt32LE(1, 72)
  return Buffer.concat([large, end])
}

/** Local time in steps of two seconds, from 1980 on. */
function dosTime(moment: Date | undefined): { time: number; date: number } {
  const year = moment ? moment.getFullYear() : 1980
  if (!moment || year < 1980 || year > 2107) return { time: 0, date: (1 << 5) | 1 }
  return {
    time: (moment.getHours() << 11) | (moment.getMinutes() << 5) | (moment.getSeconds() >> 1),
    date: ((year - 1980) << 9) | ((moment.getMonth() + 1) << 5) | moment.getDate()
  }
}
