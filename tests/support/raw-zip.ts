import { crc32, deflateRawSync } from 'node:zlib'

/** An entry of a zip as a test wants it, lies included. */
export interface RawEntry {
  readonly name: string | Buffer
  readonly content: Uint8Array
  /** General purpose flags: 0x800 marks the name as UTF-8, 1 an encrypted entry. */
  readonly flags?: number
  readonly stored?: boolean
  /** Mode of a file that Unix packed. */
  readonly mode?: number
  readonly size?: number
  readonly compressedSize?: number
  /** Lies over the entry of this position. */
  readonly over?: number
}

/** A zip of these entries, byte by byte. */
export function rawZip(entries: readonly RawEntry[]): Buffer {
  const local: Buffer[] = []
  const directory: Buffer[] = []
  const offsets: number[] = []
  let at = 0
  for (const entry of entries) {
    const name = Buffer.from(entry.name)
    const packed = entry.stored ? Buffer.from(entry.content) : deflateRawSync(entry.content)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(entry.flags ?? 0, 2)
    fields.writeUInt16LE(entry.stored ? 0 : 8, 4)
    fields.writeUInt32LE(crc32(entry.content), 10)
    fields.writeUInt32LE(entry.compressedSize ?? packed.length, 14)
    fields.writeUInt32LE(entry.size ?? entry.content.length, 18)
    fields.writeUInt16LE(name.length, 22)
    const offset = entry.over === undefined ? at : offsets[entry.over]!
    offsets.push(offset)
    if (entry.over === undefined) {
      local.push(Buffer.from('PK\x03\x04', 'latin1'), fields, name, packed)
      at += 30 + name.length + packed.length
    }
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(((entry.mode ?? 0) << 16) >>> 0, 6)
    rest.writeUInt32LE(offset, 10)
    const host = entry.mode === undefined ? 0 : 3
    directory.push(Buffer.from('PK\x01\x02\x14', 'latin1'), Buffer.from([host]), fields, rest, name)
  }
  const listing = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(listing.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...local, listing, end])
}
