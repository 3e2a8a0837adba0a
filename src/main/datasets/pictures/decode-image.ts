import type { Sharp, SharpOptions } from 'sharp'
import { badInput } from '../../../shared/domain/failure'
import { decodeBmp, type Pixels } from './bmp'
import { xmpOrientation } from './exif-orientation'
import { orient } from './orient'
import { MemoryGate } from './memory-gate'
import { bindSharpToItsGlib } from './own-glib'
import type { PictureHeader } from './picture-facts'
import { otherContent, pictureHeader } from './picture-header'
import { decodeSmallPng } from './png'
import { pngOrientation } from './png-chunks'
import { UnreadablePicture } from './unreadable-picture'

type SharpModule = (input?: Uint8Array, options?: SharpOptions) => Sharp

let loaded: Promise<SharpModule> | undefined

/** sharp, loaded when the first picture is met, so that a process that trains on arrays never loads it. */
export function loadSharp(): Promise<SharpModule> {
  loaded ??= openSharp()
  return loaded
}

async function openSharp(): Promise<SharpModule> {
  if (process.platform === 'linux' && process.versions['electron'] !== undefined) bindSharpToItsGlib()
  const { default: sharp } = await import('sharp')
  // Each picture is seen once, and one thread a picture: many are decoded side by side.
  sharp.cache(false)
  sharp.concurrency(1)
  // Only the documented formats have a decoder at all, whatever a file contains.
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: DECODERS })
  return sharp
}

const DECODERS = ['Png', 'Jpeg', 'Webp', 'Nsgif', 'Tiff'].map((name) => `VipsForeignLoad${name}`)

/** Larger pictures need --image-size; beyond the second limit they are taken for decompression bombs. */
const MOST_PIXELS = 1 << 24
const MOST_PIXELS_RESIZED = 120_000_000

/** Extensions of pictures that are read. */
export const IMAGE_FILE = /\.(png|jpe?g|webp|bmp|gif|tiff?)$/i

const REPLACE = 'Replace the picture or remove it.'

/** Bytes that decoding takes at its height, from the header: whoever decodes many side by side bounds their sum. */
function decodingBytes(bytes: Buffer): number {
  const { width, height } = pictureHeader(bytes)?.size ?? { width: 0, height: 0 }
  return 4 * Math.min(width * height, MOST_PIXELS_RESIZED)
}

/** From here on a picture keeps a core busy for a noticeable time. */
const HARD_PIXELS = 1 << 22
/** Two at a time, which leaves threads of the pool to everything else; the largest alone. */
const hardGate = new MemoryGate(2)
/** A picture that takes longer is made to, or the disk is not there; it is left to no one to wait for it. */
const LONGEST_SECONDS = 60

/**
 * Do what decodes a picture when it is its turn: hard ones wait for one another, never others for them.
 * @param easy how those that are not hard are bounded
 */
export function inTurn<T>(
  encoded: Buffer,
  decode: () => Promise<T>,
  easy: (bytes: number, decode: () => Promise<T>) => Promise<T>
): Promise<T> {
  const bytes = decodingBytes(encoded)
  if (bytes < 4 * HARD_PIXELS) return easy(bytes, decode)
  return hardGate.hold(bytes > 2 * MOST_PIXELS_RESIZED ? 2 : 1, decode)
}

/** A decoded picture, and whether the file holds more than this first frame or page of it. */
export interface DecodedPicture extends Pixels {
  readonly hasMore: boolean
}

/** How a picture is resized while it is decoded. */
export interface Resizing {
  readonly width: number
  readonly height: number
  /**
   * fill: each side by itself; cover: in proportion, what goes over the edges is cut off; inside: in proportion, and
   * neither side longer than asked for.
   */
  readonly fit: 'fill' | 'cover' | 'inside'
  /** Leave smaller pictures as they are. */
  readonly withoutEnlargement?: boolean
  readonly kernel: 'nearest' | 'linear' | 'cubic' | 'lanczos3'
}

/**
 * Decode PNG, JPEG, WebP, GIF, TIFF or BMP, told by content, to grey or RGB bytes. Alpha is dropped, the orientation
 * that a camera noted is applied, and with a size the picture is resized to it, with a side to side x side.
 * @throws Failure bad-input that names the file
 */
export async function decodeImage(
  bytes: Buffer,
  name: string,
  size?: number | Resizing
): Promise<DecodedPicture> {
  const side = typeof size === 'number' ? squareOf(size) : size
  if (bytes.length === 0) throw new UnreadablePicture(`${name} is empty.`, REPLACE, 'it is empty')
  const header = pictureHeader(bytes)
  if (!header) {
    const reason = `it is ${otherContent(bytes)}`
    throw new UnreadablePicture(
      `${name} cannot be decoded: ${reason}, not PNG, JPEG, WebP, BMP, GIF or TIFF.`,
      'Save it in one of these formats, or remove it.',
      reason
    )
  }
  const { hasMore } = header
  checkHeader(header, name, side)
  const small = side === undefined && header.format === 'png' ? decodeSmallPng(bytes) : undefined
  if (small) return { ...small, hasMore }
  const pixels =
    header.format === 'bmp'
      ? await decodeBitmap(bytes, name, side)
      : await decodeBySharp(bytes, name, header, side)
  return { ...pixels, hasMore }
}

function squareOf(side: number): Resizing {
  return { width: side, height: side, fit: 'fill', kernel: 'lanczos3' }
}

/** Pixels that were decoded before, at another size. */
export async function resizePixels(pixels: Pixels, size: Resizing): Promise<Pixels> {
  const { width, height, channels, data } = pixels
  if (width === size.width && height === size.height) return pixels
  const sharp = await loadSharp()
  return greyOrRgb(
    await rawPixels(sharp(data, { raw: { width, height, channels } }), 'pixels', size),
    'pixels'
  )
}

/** Pixels that were decoded before, in their proportions, no side longer than `side`. */
export async function fittedPixels(pixels: Pixels, side: number): Promise<Pixels> {
  const factor = side / Math.max(pixels.width, pixels.height)
  if (factor >= 1) return pixels
  const scaled = (length: number): number => Math.max(1, Math.round(factor * length))
  return resizePixels(pixels, {
    width: scaled(pixels.width),
    height: scaled(pixels.height),
    fit: 'fill',
    kernel: 'lanczos3'
  })
}

/** Before the decoder sees it. @throws Failure bad-input */
function checkHeader({ size, refusal }: PictureHeader, name: string, side?: Resizing): void {
  if (refusal !== undefined) {
    throw new UnreadablePicture(
      `${name} cannot be read as a picture: ${refusal}.`,
      'Save it with 8 or 16 bits, for example as PNG.',
      refusal
    )
  }
  if (!size) return
  const { width, height } = size
  if (side === undefined && width * height > MOST_PIXELS) {
    throw badInput(
      `${name} has ${width} x ${height} pixels, more than can be trained on.`,
      'Resize the images with --image-size.'
    )
  }
  if (width * height > MOST_PIXELS_RESIZED) {
    const reason = `it has ${width} x ${height} pixels, more than are decoded`
    throw new UnreadablePicture(
      `${name} cannot be read: ${reason}.`,
      'Make the picture smaller with another program, or remove it.',
      reason
    )
  }
}

async function decodeBitmap(bytes: Buffer, name: string, side: Resizing | undefined): Promise<Pixels> {
  const bitmap = decodeBmp(bytes, name)
  const { width, height, channels, data } = bitmap
  if (side === undefined || (width === side.width && height === side.height)) return bitmap
  const sharp = await loadSharp()
  return greyOrRgb(await rawPixels(sharp(data, { raw: { width, height, channels } }), name, side), name)
}

async function decodeBySharp(
  bytes: Buffer,
  name: string,
  header: PictureHeader,
  side: Resizing | undefined
): Promise<Pixels> {
  const sharp = await loadSharp()
  const limitInputPixels = side === undefined ? MOST_PIXELS : MOST_PIXELS_RESIZED
  const image = sharp(bytes, { failOn: 'error', limitInputPixels }).timeout({ seconds: LONGEST_SECONDS })
  if (header.isCmyk) {
    const inks = image.autoOrient().pipelineColourspace('cmyk').toColourspace('cmyk')
    return cmykPixels(await rawPixels(inks, name, side))
  }
  const unseen = (header.format === 'png' ? pngOrientation(bytes) : undefined) ?? xmpOrientation(bytes)
  if (unseen === undefined) return greyOrRgb(await rawPixels(image.autoOrient(), name, side), name)
  const { orientation } = await image.metadata().catch(undecodable(name))
  const pixels = greyOrRgb(await rawPixels(image.autoOrient(), name, side), name)
  return orientation === undefined ? orient(pixels, unseen) : pixels
}

/** Samples as they come out of the library, as many a pixel as there are channels. */
interface RawPixels {
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly data: Buffer
}

async function rawPixels(image: Sharp, name: string, side: Resizing | undefined): Promise<RawPixels> {
  const sized = side === undefined ? image : image.resize(side)
  const { data, info } = await sized
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch(undecodable(name))
  return { width: info.width, height: info.height, channels: info.channels, data }
}

function greyOrRgb({ channels, ...picture }: RawPixels, name: string): Pixels {
  if (channels === 1 || channels === 3) return { ...picture, channels }
  throw new UnreadablePicture(
    `${name} has ${channels} channels.`,
    'Save it as grey or RGB.',
    `it has ${channels} channels`
  )
}

/** Inks to RGB as Pillow does it, (255 - ink)(255 - black) / 255, whatever press a profile describes. */
function cmykPixels({ width, height, data }: RawPixels): Pixels {
  const rgb = new Uint8Array(width * height * 3)
  for (let i = 0, from = 0; i < rgb.length; i += 3, from += 4) {
    const light = 255 - data[from + 3]!
    for (let c = 0; c < 3; c++) rgb[i + c] = light - dividedBy255(data[from + c]! * light)
  }
  return { width, height, channels: 3, data: rgb }
}

function dividedBy255(product: number): number {
  const half = product + 128
  return ((half >> 8) + half) >> 8
}

function undecodable(name: string): (error: unknown) => never {
  return (error) => {
    const [said = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    const why = /^timeout/i.test(said) ? `decoding it takes more than ${LONGEST_SECONDS} seconds` : said
    const reason = `it cannot be decoded (${why.replace(/\.$/, '')})`
    throw new UnreadablePicture(
      `${name} cannot be decoded: ${why.replace(/\.$/, '')}.`,
      REPLACE,
      reason,
      error
    )
  }
}

/** Whether every pixel has three equal channels, or one. */
export function isGrey({ data, channels }: Pixels): boolean {
  if (channels === 1) return true
  for (let i = 0; i < data.length; i += 3) {
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false
  }
  return true
}
