import type { PictureHeader } from './picture-facts'

const TAGS = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  sampleFormat: 339
} as const

/** Bytes of a value by its type; what is not here is no number that a header needs. */
const TYPE_BYTES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 16: 8 }
const UNSIGNED = 1
const CMYK = 5
const YCBCR = 6
const JPEG_COMPRESSION = 7
/** White is zero, black is zero, RGB, palette, CMYK, YCbCr. */
const PHOTOMETRICS: readonly number[] = [0, 1, 2, 3, CMYK, YCBCR]
const MOST_BITS = 16

/** The first page of a TIFF, from its directory; also of a BigTIFF. */
export function tiffHeader(bytes: Buffer): Partial<PictureHeader> {
  const values = directory(bytes)
  if (!values) return {}
  const { tags, next } = values
  const [width, height] = [tags.get(TAGS.width), tags.get(TAGS.height)]
  return {
    size: width === undefined || height === undefined ? undefined : { width, height },
    hasMore: next !== 0,
    isCmyk: tags.get(TAGS.photometric) === CMYK,
    refusal: refusalOf(tags)
  }
}

/** Values that are no pixels of 0..255 or 0..65535 have no agreed meaning as a picture. */
function refusalOf(tags: ReadonlyMap<number, number>): string | undefined {
  const format = tags.get(TAGS.sampleFormat) ?? UNSIGNED
  const bits = tags.get(TAGS.bits) ?? 1
  const photometric = tags.get(TAGS.photometric) ?? 1
  if (format === 3) return 'it holds floating-point numbers, not pixels of 0 to 255'
  if (format !== UNSIGNED) return 'it holds signed or complex numbers, not pixels of 0 to 255'
  if (bits > MOST_BITS) return `it holds numbers of ${bits} bits, not pixels of 8 or 16`
  const isPlainYcbcr = photometric === YCBCR && tags.get(TAGS.compression) !== JPEG_COMPRESSION
  if (!PHOTOMETRICS.includes(photometric) || isPlainYcbcr) {
    return 'its colours are neither grey, RGB, CMYK nor a palette'
  }
  return undefined
}

/** The first value of each tag of the first directory, and where the next directory stands. */
function directory(bytes: Buffer): { tags: Map<number, number>; next: number } | undefined {
  const little = bytes[0] === 0x49
  const isBig = bytes[little ? 2 : 3] === 0x2b
  const number = (at: number, size: number): number => {
    if (at + size > bytes.length) throw new RangeError('past the end')
    if (size === 8) return Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at))
    return little ? bytes.readUIntLE(at, size) : bytes.readUIntBE(at, size)
  }
  const [word, counter, entry] = isBig ? [8, 8, 20] : [4, 2, 12]
  try {
    const start = number(isBig ? 8 : 4, word)
    const entries = number(start, counter)
    const tags = new Map<number, number>()
    let at = start + counter
    for (let i = 0; i < entries; i++, at += entry) {
      const size = TYPE_BYTES[number(at + 2, 2)]
      if (size === undefined) continue
      const inline = size * number(at + 4, word) <= word
      const place = at + 4 + word
      tags.set(number(at, 2), number(inline ? place : number(place, word), size))
    }
    return { tags, next: at + word <= bytes.length ? number(at, word) : 0 }
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
