import { decodeImage, inTurn, loadSharp } from './decode-image'
import { encodeImage } from './encode-image'
import { xmpOrientation } from './exif-orientation'
import { MemoryGate } from './memory-gate'
import { pictureHeader } from './picture-header'
import { pngOrientation } from './png-chunks'
import type { Pixels } from './bmp'

/** A picture as it is sent to be looked at. */
export interface PictureFile {
  readonly bytes: Buffer
  /** Media type. */
  readonly type: string
}

/** What all that is decoded to be looked at may hold at a time. */
const gate = new MemoryGate(256 << 20)
const QUALITY = 85

/**
 * A picture in its own proportions, neither side longer than `side` pixels, never enlarged.
 * @throws Failure bad-input that names it when it cannot be read
 */
export function fitted(encoded: Buffer, name: string, side: number): Promise<Pixels> {
  const size = {
    width: side,
    height: side,
    fit: 'inside',
    kernel: 'lanczos3',
    withoutEnlargement: true
  } as const
  return inTurn(
    encoded,
    () => decodeImage(encoded, name, size),
    (bytes, decode) => gate.hold(bytes, decode)
  )
}

/** JPEG of pixels that are looked at, not learned from. */
export async function asJpeg({ width, height, channels, data }: Pixels): Promise<PictureFile> {
  const sharp = await loadSharp()
  const raw = sharp(data, { raw: { width, height, channels } })
  const image = channels === 1 ? raw.toColourspace('b-w') : raw
  return { bytes: await image.jpeg({ quality: QUALITY }).toBuffer(), type: 'image/jpeg' }
}

/** Formats that every browser shows as they are, orientation included. */
const SHOWN_AS_IT_IS: Readonly<Record<string, string>> = { jpeg: 'image/jpeg', png: 'image/png' }
/** A picture is never sent with longer sides. */
const LONGEST_SIDE = 12_000

/** A picture at its own size: its own bytes where browsers show them right, else the same pixels as PNG. */
export async function atItsOwnSize(encoded: Buffer, name: string): Promise<PictureFile> {
  const header = pictureHeader(encoded)
  const type = SHOWN_AS_IT_IS[header?.format ?? '']
  if (type !== undefined && !header?.isCmyk && hiddenOrientation(encoded) === undefined)
    return { bytes: encoded, type }
  return { bytes: await encodeImage(await fitted(encoded, name, LONGEST_SIDE), 'png'), type: 'image/png' }
}

/** An orientation that browsers do not see. */
function hiddenOrientation(encoded: Buffer): number | undefined {
  const isPng = pictureHeader(encoded)?.format === 'png'
  return (isPng ? pngOrientation(encoded) : undefined) ?? xmpOrientation(encoded)
}

/** Sides as it is shown, the orientation that a camera noted applied; undefined where the file does not say. */
export async function shownSize(
  encoded: Buffer
): Promise<{ readonly width: number; readonly height: number } | undefined> {
  const header = pictureHeader(encoded)
  if (!header?.size) return undefined
  const { width, height } = header.size
  const isOnItsSide = ((await orientationOf(encoded, header.format)) ?? 1) >= 5
  return isOnItsSide ? { width: height, height: width } : { width, height }
}

async function orientationOf(encoded: Buffer, format: string): Promise<number | undefined> {
  const hidden = hiddenOrientation(encoded)
  if (hidden !== undefined || format === 'bmp') return hidden
  const sharp = await loadSharp()
  const { orientation } = await sharp(encoded)
    .metadata()
    .catch(() => ({ orientation: undefined }))
  return orientation
}
