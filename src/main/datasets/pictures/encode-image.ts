import { encodeBmp, type Pixels } from './bmp'
import { loadSharp } from './decode-image'
import { encodeSmallPng, isSmall } from './png'

export type ImageEncoding = 'png' | 'jpeg' | 'webp' | 'bmp'

/** The encoding that a file name asks for; undefined for those that are read but not written. */
export function encodingOf(file: string): ImageEncoding | undefined {
  const extension = /\.(\w+)$/.exec(file)?.[1]?.toLowerCase()
  if (extension === 'png' || extension === 'webp' || extension === 'bmp') return extension
  return extension === 'jpg' || extension === 'jpeg' ? 'jpeg' : undefined
}

/** Encode bytes; without loss but for JPEG, which is written at quality 98 without subsampling. */
export async function encodeImage(pixels: Pixels, encoding: ImageEncoding): Promise<Buffer> {
  if (encoding === 'bmp') return encodeBmp(pixels)
  if (encoding === 'png' && isSmall(pixels)) return encodeSmallPng(pixels)
  const sharp = await loadSharp()
  const { width, height, channels, data } = pixels
  const raw = sharp(data, { raw: { width, height, channels } })
  const image = channels === 1 ? raw.toColourspace('b-w') : raw
  if (encoding === 'png') return image.png({ compressionLevel: 6 }).toBuffer()
  if (encoding === 'webp') return image.webp({ lossless: true }).toBuffer()
  return image.jpeg({ quality: 98, chromaSubsampling: '4:4:4' }).toBuffer()
}
