import type { PictureFormat, PictureHeader } from './picture-facts'
import { pngChunks } from './png-chunks'
import { tiffHeader } from './tiff-header'

const PNG_SIGNATURE = '\x89PNG\r\n\x1a\n'

/** By content: the name says nothing. Undefined for whatever is no picture of a documented format. */
export function pictureFormat(bytes: Buffer): PictureFormat | undefined {
  const start = bytes.toString('latin1', 0, 16)
  if (start.startsWith(PNG_SIGNATURE)) return 'png'
  if (start.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (/^GIF8[79]a/.test(start)) return 'gif'
  if (start.startsWith('RIFF') && start.slice(8, 12) === 'WEBP') return 'webp'
  if (/^(II[*+]\0|MM\0[*+])/.test(start)) return 'tiff'
  return start.startsWith('BM') ? 'bmp' : undefined
}

export function pictureHeader(bytes: Buffer): PictureHeader | undefined {
  const format = pictureFormat(bytes)
  return format && { format, hasMore: false, ...READERS[format](bytes) }
}

const READERS: Readonly<Record<PictureFormat, (bytes: Buffer) => Partial<PictureHeader>>> = {
  png(bytes) {
    if (bytes.length < 24) return {}
    const frames = pngFrames(bytes)
    return { size: { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }, hasMore: frames > 1 }
  },
  jpeg: jpegFrame,
  gif(bytes) {
    if (bytes.length < 13) return {}
    return {
      size: { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) },
      hasMore: gifHasMore(bytes)
    }
  },
  webp: (bytes) => ({ size: webpSize(bytes), hasMore: webpHasMore(bytes) }),
  tiff: tiffHeader,
  bmp(bytes) {
    if (bytes.length < 26) return {}
    const isOld = bytes.readUInt32LE(14) === 12
    const [width, height] = isOld
      ? [bytes.readUInt16LE(18), bytes.readUInt16LE(20)]
      : [bytes.readInt32LE(18), bytes.readInt32LE(22)]
    return { size: { width: Math.abs(width), height: Math.abs(height) } }
  }
}

/** Frames of an animated PNG, which says so before its pixels. */
function pngFrames(bytes: Buffer): number {
  for (const { type, body } of pngChunks(bytes)) {
    if (type === 'acTL' && body.length >= 4) return body.readUInt32BE(0)
    if (type === 'IDAT') break
  }
  return 1
}

/** From the frame header, wherever it stands after the segments of metadata. */
function jpegFrame(bytes: Buffer): Partial<PictureHeader> {
  for (let at = 2; at + 10 <= bytes.length;) {
    if (bytes[at] !== 0xff) return {}
    const marker = bytes[at + 1]!
    // Fill bytes, and markers without a length.
    if (marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += marker === 0xff ? 1 : 2
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) {
      const size = { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) }
      return { size, isCmyk: bytes[at + 9] === 4 }
    }
    at += 2 + bytes.readUInt16BE(at + 2)
  }
  return {}
}

/** Whether a second image follows: its blocks are walked, not decoded. */
function gifHasMore(bytes: Buffer): boolean {
  const tableBytes = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)
  let at = 13 + tableBytes(bytes[10]!)
  let images = 0
  while (at < bytes.length) {
    const kind = bytes[at]
    if (kind === 0x2c) {
      if (++images > 1) return true
      at += 10 + tableBytes(bytes[at + 9] ?? 0) + 1
    } else if (kind === 0x21) at += 2
    else break
    while (at < bytes.length && bytes[at] !== 0) at += 1 + bytes[at]!
    at += 1
  }
  return false
}

function webpSize(bytes: Buffer): PictureHeader['size'] {
  if (bytes.length < 30) return undefined
  const kind = bytes.toString('latin1', 12, 16)
  if (kind === 'VP8X') return { width: 1 + bytes.readUIntLE(24, 3), height: 1 + bytes.readUIntLE(27, 3) }
  if (kind === 'VP8L') {
    const bits = bytes.readUInt32LE(21)
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
  }
  if (kind !== 'VP8 ') return undefined
  return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff }
}

function webpHasMore(bytes: Buffer): boolean {
  let frames = 0
  for (let at = 12; at + 8 <= bytes.length;) {
    if (bytes.toString('latin1', at, at + 4) === 'ANMF' && ++frames > 1) return true
    const size = bytes.readUInt32LE(at + 4)
    at += 8 + size + (size % 2)
  }
  return false
}

const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/^version https:\/\/git-lfs/, 'a pointer of Git LFS: "git lfs pull" brings the picture'],
  [/^.{4}ftyp(heic|heix|hevc|mif1|msf1|avif|avis)/s, 'HEIF or AVIF'],
  [/^\s*(<\?xml|<svg|<!--)/i, 'SVG or XML'],
  [/^\s*<(!doctype|html|head|body)/i, 'a web page'],
  [/^%PDF/, 'PDF'],
  [/^%!PS/, 'PostScript'],
  [/^P[1-7]\s/, 'a portable anymap (PPM, PGM)'],
  [/^8BPS/, 'Photoshop'],
  [/^PK\x03\x04/, 'a zip'],
  [/^(\x00\x00\x00\x0cjP|\xff\x4f\xff\x51)/, 'JPEG 2000'],
  [/^(\xff\x0a|\x00\x00\x00\x0cJXL)/, 'JPEG XL']
]

/** What bytes that are no picture look like, as the end of "it is ...". */
export function otherContent(bytes: Buffer): string {
  const start = bytes.toString('latin1', 0, 256).replace(/^\xef\xbb\xbf/, '')
  return OTHERS.find(([pattern]) => pattern.test(start))?.[1] ?? 'in no picture format that is known here'
}
