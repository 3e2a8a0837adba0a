import type { Sharp, SharpOptions } from 'sharp'
import { badInput } from '../../../shared/domain/failure'
import { decodeBmp, isBmp, type Pixels } from './bmp'
import { decodeSmallPng } from './png'

type SharpModule = (input?: Uint8Array, options?: SharpOptions) => Sharp

let loaded: Promise<SharpModule> | undefined

/** sharp, loaded when the first picture is met, so that a process that trains on arrays never loads it. */
export function loadSharp(): Promise<SharpModule> {
  loaded ??= import('sharp').then(({ default: sharp }) => {
    // Each picture is seen once, and one thread a picture: many are decoded side by side.
    sharp.cache(false)
    sharp.concurrency(1)
    return sharp
  })
  return loaded
}

/** Larger pictures need --image-size; beyond the second limit they are taken for decompression bombs. */
const MOST_PIXELS = 1 << 24
const MOST_PIXELS_RESIZED = 120_000_000

/**
 * Decode PNG, JPEG, WebP, GIF, TIFF or BMP to grey or RGB bytes. Alpha is dropped, the orientation that a camera
 * noted is applied, and with `side` the picture is resized to side x side.
 * @throws Failure bad-input that names the file
 */
export async function decodeImage(bytes: Buffer, name: string, side?: number): Promise<Pixels> {
  const small = side === undefined ? decodeSmallPng(bytes) : undefined
  if (small) return small
  const sharp = await loadSharp()
  const limitInputPixels = side === undefined ? MOST_PIXELS : MOST_PIXELS_RESIZED
  let image: Sharp
  if (isBmp(bytes)) {
    const bitmap = decodeBmp(bytes, name)
    if (side === undefined || (bitmap.width === side && bitmap.height === side)) return bitmap
    const { width, height, channels } = bitmap
    image = sharp(bitmap.data, { raw: { width, height, channels } })
  } else {
    image = sharp(bytes, { failOn: 'error', limitInputPixels })
    if (hasExif(bytes)) image = image.autoOrient()
  }
  if (side !== undefined) image = image.resize(side, side, { fit: 'fill' })
  try {
    const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true })
    return { width: info.width, height: info.height, channels: 3, data }
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    if (/pixel limit/i.test(why)) {
      throw badInput(
        `${name} has more pixels than can be ${side === undefined ? 'trained on' : 'read'}.`,
        side === undefined
          ? 'Resize the images with --image-size.'
          : 'Make the picture smaller with another program, or remove it.',
        error
      )
    }
    throw badInput(
      `${name} cannot be decoded: ${why.replace(/\.$/, '')}.`,
      'Replace the picture or remove it.',
      error
    )
  }
}

function hasExif(bytes: Buffer): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes.subarray(0, 4096).includes('Exif\0\0', 0, 'latin1')
}

/** Whether every pixel has three equal channels, or one. */
export function isGrey({ data, channels }: Pixels): boolean {
  if (channels === 1) return true
  for (let i = 0; i < data.length; i += 3) {
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false
  }
  return true
}

/** Extensions of pictures that are read. */
export const IMAGE_FILE = /\.(png|jpe?g|webp|bmp|gif|tiff?)$/i
