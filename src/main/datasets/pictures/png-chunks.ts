import { inflateSync } from 'node:zlib'
import { exifOrientation } from './exif-orientation'

/** Exif of a picture is a few kilobytes. */
const MOST_EXIF = 1 << 20
const IMAGEMAGICK_EXIF = 'Raw profile type exif'

/** Type and body of each chunk of a PNG, as far as it goes. */
export function* pngChunks(bytes: Buffer): Generator<{ readonly type: string; readonly body: Buffer }> {
  for (let at = 8; at + 12 <= bytes.length;) {
    const size = bytes.readUInt32BE(at)
    yield { type: bytes.toString('latin1', at + 4, at + 8), body: bytes.subarray(at + 8, at + 8 + size) }
    at += 12 + size
  }
}

/**
 * The orientation that libvips does not see: in an eXIf chunk after the pixels, or as text, as ImageMagick wrote it
 * before PNG had that chunk.
 */
export function pngOrientation(bytes: Buffer): number | undefined {
  for (const { type, body } of pngChunks(bytes)) {
    if (type === 'eXIf') return exifOrientation(body)
    if ((type === 'zTXt' || type === 'tEXt') && body.subarray(0, 64).includes(IMAGEMAGICK_EXIF)) {
      const text = profileText(type, body)
      if (text) return exifOrientation(text)
    }
  }
  return undefined
}

/** "\nexif\n<length>\n<hexadecimal digits in lines>" as bytes. */
function profileText(type: string, body: Buffer): Buffer | undefined {
  const start = body.indexOf(0) + (type === 'zTXt' ? 2 : 1)
  try {
    const packed = body.subarray(start)
    const text = type === 'zTXt' ? inflateSync(packed, { maxOutputLength: MOST_EXIF }) : packed
    const [, , , ...lines] = text.toString('latin1').split('\n')
    return Buffer.from(lines.join(''), 'hex')
  } catch {
    // Not readable: nothing is known of the orientation.
    return undefined
  }
}
