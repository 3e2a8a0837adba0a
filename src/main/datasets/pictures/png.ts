import { crc32, deflateSync, inflateSync } from 'node:zlib'
import type { Pixels } from './bmp'

/**
 * PNG for the small pictures that datasets are full of: a call into an image library costs ten times the
 * work on 28 x 28 pixels. Whatever is unusual (16 bits, interlacing, colour profiles, damage) is left to the
 * library.
 */
const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
/** Larger pictures are worth a thread of their own. */
const MOST_PIXELS = 96 * 96
/** Samples a pixel by colour type: grey, RGB, palette, grey and alpha, RGB and alpha. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/** Chunks that may say how colours are meant, or how a camera was held. */
const UNUSUAL = new Set(['iCCP', 'eXIf', 'cICP', 'iTXt', 'zTXt'])

interface Header {
  readonly width: number
  readonly height: number
  readonly depth: number
  readonly colour: number
}

/** Decode a small, plain PNG; undefined for any other. Alpha is dropped. */
export function decodeSmallPng(bytes: Buffer): Pixels | undefined {
  if (bytes.length < 57 || !bytes.subarray(0, 8).equals(SIGNATURE)) return undefined
  const data: Buffer[] = []
  let header: Header | undefined
  let palette: Buffer | undefined
  for (let at = 8; ;) {
    if (at + 12 > bytes.length) return undefined
    const size = bytes.readUInt32BE(at)
    const end = at + 8 + size
    if (end + 4 > bytes.length || crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end))
      return undefined
    const type = bytes.toString('latin1', at + 4, at + 8)
    const body = bytes.subarray(at + 8, end)
    at = end + 4
    if (type === 'IEND') break
    if (type === 'IHDR') header = readHeader(body)
    else if (type === 'PLTE') palette = body
    else if (type === 'IDAT') data.push(body)
    else if (UNUSUAL.has(type) || type < 'a' || (type === 'tEXt' && body.includes('profile')))
      return undefined
    if (!header) return undefined
  }
  if (!header || data.length === 0 || (header.colour === 3 && !palette)) return undefined
  const bits = header.depth * SAMPLES[header.colour]!
  const stride = Math.ceil((header.width * bits) / 8)
  const size = header.height * (stride + 1)
  try {
    const rows = inflateSync(data.length === 1 ? data[0]! : Buffer.concat(data), { maxOutputLength: size })
    if (rows.length !== size || !unfilter(rows, header.height, stride, Math.max(1, bits >> 3)))
      return undefined
    return toPixels(rows, header, stride, palette)
  } catch {
    return undefined
  }
}

function readHeader(body: Buffer): Header | undefined {
  if (body.length !== 13) return undefined
  const [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)]
  const [depth = 0, colour = 0, compression, filter, interlace] = body.subarray(8)
  const known =
    colour in SAMPLES && [1, 2, 4, 8].includes(depth) && (depth === 8 || colour === 0 || colour === 3)
  const plain = compression === 0 && filter === 0 && interlace === 0
  if (!known || !plain || width * height === 0 || width * height > MOST_PIXELS) return undefined
  return { width, height, depth, colour }
}

/** Undo the filters of each row in place (PNG specification, section 9); false for an unknown filter. */
function unfilter(rows: Buffer, height: number, stride: number, step: number): boolean {
  for (let y = 0; y < height; y++) {
    const row = y * (stride + 1) + 1
    const above = row - stride - 1
    const filter = rows[row - 1]!
    if (filter > 4) return false
    if (filter === 0) continue
    for (let i = 0; i < stride; i++) {
      const left = i >= step ? rows[row + i - step]! : 0
      const up = y > 0 ? rows[above + i]! : 0
      const corner = y > 0 && i >= step ? rows[above + i - step]! : 0
      const guess =
        filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner)
      rows[row + i] = rows[row + i]! + guess
    }
  }
  return true
}

function paeth(left: number, up: number, corner: number): number {
  const sum = left + up - corner
  const [a, b, c] = [Math.abs(sum - left), Math.abs(sum - up), Math.abs(sum - corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}

function toPixels(rows: Buffer, header: Header, stride: number, palette: Buffer | undefined): Pixels {
  const { width, height, depth, colour } = header
  const channels = colour === 0 || colour === 4 ? 1 : 3
  const data = new Uint8Array(width * height * channels)
  const samples = SAMPLES[colour]!
  const scale = colour === 0 ? 255 / (2 ** depth - 1) : 1
  let to = 0
  for (let y = 0; y < height; y++) {
    const row = y * (stride + 1) + 1
    for (let x = 0; x < width; x++) {
      if (colour === 2 || colour === 6) {
        const from = row + x * samples
        data[to++] = rows[from]!
        data[to++] = rows[from + 1]!
        data[to++] = rows[from + 2]!
        continue
      }
      const value = depth === 8 ? rows[row + x * samples]! : packed(rows, row, x, depth)
      if (colour === 3) for (let c = 0; c < 3; c++) data[to++] = palette![3 * value + c] ?? 0
      else data[to++] = value * scale
    }
  }
  return { width, height, channels, data }
}

function packed(rows: Buffer, row: number, x: number, depth: number): number {
  const perByte = 8 / depth
  const shift = depth * (perByte - 1 - (x % perByte))
  return (rows[row + Math.floor(x / perByte)]! >> shift) & (2 ** depth - 1)
}

/** Whether {@link encodeSmallPng} is the faster way. */
export function isSmall({ width, height }: Pixels): boolean {
  return width * height <= MOST_PIXELS
}

/** Encode grey or RGB; the Sub filter for colour, none for grey. */
export function encodeSmallPng({ width, height, channels, data }: Pixels): Buffer {
  const stride = width * channels
  const rows = Buffer.allocUnsafe(height * (stride + 1))
  for (let y = 0; y < height; y++) {
    const row = y * (stride + 1)
    rows[row] = channels === 1 ? 0 : 1
    for (let i = 0; i < stride; i++) {
      const left = channels === 1 || i < channels ? 0 : data[y * stride + i - channels]!
      rows[row + 1 + i] = data[y * stride + i]! - left
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  header[9] = channels === 1 ? 0 : 2
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 6 })),
    chunk('IEND', Buffer.alloc(0))
  ])
}

function chunk(type: string, body: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(body.length + 12)
  bytes.writeUInt32BE(body.length, 0)
  bytes.write(type, 4, 'latin1')
  body.copy(bytes, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + body.length)), 8 + body.length)
  return bytes
}
