/** What a frame begins with, little-endian. */
const MAGIC = 0x184d2204
/** A block that is stored as it is has this bit in its size. */
const STORED = 0x80000000
/** LZ4 encodes at most so many bytes in one: what claims to be more is damaged. */
const MOST_RATIO = 255

/**
 * An LZ4 frame, decompressed (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md). Checksums are not looked
 * at: Arrow, whose buffers these are, brings none.
 * @returns bytes at the beginning of a buffer of their own
 * @throws RangeError where the frame is damaged
 */
export function decodeLz4Frame(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  if (view.getUint32(0, true) !== MAGIC) throw new RangeError('no LZ4 frame')
  const flags = view.getUint8(4)
  const [hasBlockSum, hasSize, hasDictionary] = [flags & 0x10, flags & 0x08, flags & 0x01]
  let at = 7 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0)
  const most = MOST_RATIO * frame.length
  const declared = hasSize ? Number(view.getBigUint64(6, true)) : 4 * frame.length
  let out = new Uint8Array(Math.min(declared, most))
  let length = 0
  for (;;) {
    const header = view.getUint32(at, true)
    at += 4
    if (header === 0) return out.buffer.byteLength === length ? out : out.slice(0, length)
    const size = header & ~STORED
    if (at + size > frame.length) throw new RangeError('an LZ4 block ends after its frame')
    const block = frame.subarray(at, at + size)
    const needed = length + (header & STORED ? size : sizeOf(block))
    if (needed > most) throw new RangeError('an LZ4 block is longer than it can be')
    if (needed > out.length) out = grown(out, Math.max(needed, Math.min(2 * out.length, most)))
    if (header & STORED) out.set(block, length)
    else decodeBlock(block, out, length)
    length = needed
    at += size + (hasBlockSum ? 4 : 0)
  }
}

function grown(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size)
  larger.set(bytes)
  return larger
}

/** A sequence of a block: literals, then a copy of what was decoded before. */
interface Sequence {
  readonly literals: number
  readonly from: number
  /** 0 at the end of a block, which has no copy. */
  readonly distance: number
  readonly copied: number
  readonly next: number
}

function sequenceAt(block: Uint8Array, start: number): Sequence {
  const token = block[start]!
  let at = start + 1
  const extended = (first: number): number => {
    if (first < 15) return first
    let length = first
    for (let more = 255; more === 255;) {
      if (at >= block.length) throw new RangeError('an LZ4 length is cut off')
      length += more = block[at++]!
    }
    return length
  }
  const literals = extended(token >> 4)
  const from = at
  at += literals
  if (at > block.length) throw new RangeError('LZ4 literals are cut off')
  if (at === block.length) return { literals, from, distance: 0, copied: 0, next: at }
  const distance = block[at]! | (block[at + 1]! << 8)
  at += 2
  if (at > block.length || distance === 0) throw new RangeError('an LZ4 distance is damaged')
  return { literals, from, distance, copied: extended(token & 15) + 4, next: at }
}

function sizeOf(block: Uint8Array): number {
  let size = 0
  for (let at = 0; at < block.length;) {
    const { literals, copied, next } = sequenceAt(block, at)
    size += literals + copied
    at = next
  }
  return size
}

function decodeBlock(block: Uint8Array, out: Uint8Array, begin: number): void {
  let to = begin
  for (let at = 0; at < block.length;) {
    const { literals, from, distance, copied, next } = sequenceAt(block, at)
    out.set(block.subarray(from, from + literals), to)
    to += literals
    if (distance > to) throw new RangeError('an LZ4 copy begins before the frame')
    // Byte by byte: a copy may repeat what it has just written.
    for (let i = 0; i < copied; i++, to++) out[to] = out[to - distance]!
    at = next
  }
}
