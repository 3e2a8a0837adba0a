import { UnreadablePicture } from './unreadable-picture'

/** Pixels, channels last. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  readonly data: Uint8Array
}

const FILE_HEADER = 14

/** Size and layout of a BMP, from its headers. */
interface Layout {
  readonly width: number
  readonly height: number
  readonly topDown: boolean
  readonly bits: number
  readonly pixels: number
  readonly palette: Buffer
  /** Bit masks of red, green and blue for 16 and 32 bits. */
  readonly masks: readonly [number, number, number]
}

/**
 * Decode an uncompressed BMP (1, 4, 8, 16, 24 or 32 bits) to RGB; sharp reads none.
 * @throws Failure bad-input that names the file
 */
export function decodeBmp(bytes: Buffer, name: string): Pixels {
  const damaged = (why: string): Error =>
    new UnreadablePicture(
      `${name} cannot be decoded: ${why}.`,
      'Save it again as PNG, or remove it.',
      `it cannot be decoded (${why})`
    )
  if (bytes.length < FILE_HEADER + 40 && !isCore(bytes)) throw damaged('the BMP header is truncated')
  const layout = readLayout(bytes, damaged)
  const { width, height, bits } = layout
  const stride = Math.ceil((width * bits) / 32) * 4
  if (layout.pixels + stride * height > bytes.length) throw damaged('the BMP is truncated')
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    const row = layout.pixels + stride * (layout.topDown ? y : height - 1 - y)
    const at = 3 * y * width
    if (bits === 24) {
      for (let i = 0; i < 3 * width; i += 3) {
        data[at + i] = bytes[row + i + 2]!
        data[at + i + 1] = bytes[row + i + 1]!
        data[at + i + 2] = bytes[row + i]!
      }
    } else for (let x = 0; x < width; x++) pixel(bytes, row, x, layout, data, at + 3 * x)
  }
  return { width, height, channels: 3, data }
}

/** BITMAPCOREHEADER, of OS/2: twelve bytes, palette of three. */
function isCore(bytes: Buffer): boolean {
  return bytes.length >= FILE_HEADER + 12 && bytes.readUInt32LE(FILE_HEADER) === 12
}

function readLayout(bytes: Buffer, damaged: (why: string) => Error): Layout {
  const pixels = bytes.readUInt32LE(10)
  const size = bytes.readUInt32LE(FILE_HEADER)
  if (isCore(bytes)) {
    const bits = bytes.readUInt16LE(24)
    const palette = paletteOf(bytes, FILE_HEADER + 12, bits <= 8 ? 2 ** bits : 0, 3)
    const [width, height] = [bytes.readUInt16LE(18), bytes.readUInt16LE(20)]
    return { width, height, topDown: false, bits, pixels, palette, masks: [0, 0, 0] }
  }
  if (size < 40) throw damaged(`BMP header of ${size} bytes`)
  const width = bytes.readInt32LE(18)
  const height = bytes.readInt32LE(22)
  const bits = bytes.readUInt16LE(28)
  const compression = bytes.readUInt32LE(30)
  if (width <= 0 || height === 0 || ![1, 4, 8, 16, 24, 32].includes(bits))
    throw damaged('its header is damaged')
  // 0: plain; 3 and 6: plain with masks of the caller's choice.
  if (compression !== 0 && compression !== 3 && compression !== 6) throw damaged('it is a compressed BMP')
  const masked = compression !== 0
  const at = FILE_HEADER + 40
  if (masked && bytes.length < at + 12) throw damaged('the BMP header is truncated')
  const usual: readonly [number, number, number] =
    bits === 16 ? [0x7c00, 0x03e0, 0x001f] : [0xff0000, 0x00ff00, 0x0000ff]
  const masks: readonly [number, number, number] = masked
    ? [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4), bytes.readUInt32LE(at + 8)]
    : usual
  const colours = bits <= 8 ? bytes.readUInt32LE(46) || 2 ** bits : 0
  const palette = paletteOf(bytes, FILE_HEADER + size, Math.min(colours, 256), 4)
  return { width, height: Math.abs(height), topDown: height < 0, bits, pixels, palette, masks }
}

/** Palette as RGB triples, black where the file has none. */
function paletteOf(bytes: Buffer, at: number, colours: number, width: number): Buffer {
  const palette = Buffer.alloc(256 * 3)
  for (let i = 0; i < colours && at + width * i + 3 <= bytes.length; i++) {
    for (let c = 0; c < 3; c++) palette[3 * i + c] = bytes[at + width * i + 2 - c]!
  }
  return palette
}

function pixel(bytes: Buffer, row: number, x: number, layout: Layout, to: Uint8Array, at: number): void {
  const { bits, palette, masks } = layout
  if (bits >= 16) {
    const value = bits === 16 ? bytes.readUInt16LE(row + 2 * x) : bytes.readUInt32LE(row + 4 * x)
    for (let c = 0; c < 3; c++) to[at + c] = maskedValue(value, masks[c]!)
    return
  }
  const perByte = 8 / bits
  const shift = bits * (perByte - 1 - (x % perByte))
  const index = (bytes[row + Math.floor(x / perByte)]! >> shift) & (2 ** bits - 1)
  for (let c = 0; c < 3; c++) to[at + c] = palette[3 * index + c]!
}

function maskedValue(value: number, mask: number): number {
  if (mask === 0) return 0
  const shift = Math.clz32(mask & -mask) ^ 31
  const most = mask >>> shift
  return Math.round((255 * ((value & mask) >>> shift)) / most)
}

/** Encode pixels as BMP: 8 bits with a grey palette, or 24 bits. */
export function encodeBmp({ width, height, channels, data }: Pixels): Buffer {
  const colours = channels === 1 ? 256 : 0
  const stride = Math.ceil((width * channels) / 4) * 4
  const start = FILE_HEADER + 40 + 4 * colours
  const bytes = Buffer.alloc(start + stride * height)
  bytes.write('BM', 'latin1')
  bytes.writeUInt32LE(bytes.length, 2)
  bytes.writeUInt32LE(start, 10)
  bytes.writeUInt32LE(40, FILE_HEADER)
  bytes.writeInt32LE(width, 18)
  bytes.writeInt32LE(height, 22)
  bytes.writeUInt16LE(1, 26)
  bytes.writeUInt16LE(8 * channels, 28)
  bytes.writeUInt32LE(stride * height, 34)
  bytes.writeUInt32LE(colours, 46)
  for (let i = 0; i < colours; i++) bytes.fill(i, FILE_HEADER + 40 + 4 * i, FILE_HEADER + 40 + 4 * i + 3)
  for (let y = 0; y < height; y++) {
    const row = start + stride * (height - 1 - y)
    for (let i = 0; i < width * channels; i++) {
      const source = channels === 1 ? i : i + 2 - 2 * (i % 3)
      bytes[row + i] = data[y * width * channels + source]!
    }
  }
  return bytes
}
