import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { temporaryFolder } from './command'

/** A PNG of one colour, 3 x 2. */
export function plainPng(red: number, green = 0, blue = 0): Promise<Buffer> {
  return sharp({ create: { width: 3, height: 2, channels: 3, background: { r: red, g: green, b: blue } } })
    .png()
    .toBuffer()
}

/** A folder with these files in it, by relative path. */
export function folderOf(files: Readonly<Record<string, Uint8Array | string>>): string {
  const root = temporaryFolder()
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
  return root
}

interface TiffTags {
  readonly width: number
  readonly height: number
  readonly bits: number
  readonly samples: number
  readonly photometric: number
  readonly sampleFormat?: number
}

/** An uncompressed TIFF of one strip, byte by byte. */
export function rawTiff(
  { width, height, bits, samples, photometric, sampleFormat = 1 }: TiffTags,
  pixels: Buffer
): Buffer {
  const short = (tag: number, ...values: number[]): { tag: number; values: number[] } => ({ tag, values })
  const perSample = (value: number): number[] => Array<number>(samples).fill(value)
  const tags = [
    short(256, width),
    short(257, height),
    short(258, ...perSample(bits)),
    short(259, 1),
    short(262, photometric),
    short(273, 8),
    short(277, samples),
    short(278, height),
    short(279, pixels.length),
    short(339, ...perSample(sampleFormat))
  ]
  const start = 8 + pixels.length + (pixels.length % 2)
  const directory = Buffer.alloc(2 + 12 * tags.length + 4)
  const extra: Buffer[] = []
  let extraAt = start + directory.length
  directory.writeUInt16LE(tags.length, 0)
  tags.forEach(({ tag, values }, i) => {
    const at = 2 + 12 * i
    const bytes = Buffer.alloc(Math.max(4, 2 * values.length))
    values.forEach((value, k) => bytes.writeUInt16LE(value, 2 * k))
    directory.writeUInt16LE(tag, at)
    directory.writeUInt16LE(3, at + 2)
    directory.writeUInt32LE(values.length, at + 4)
    if (bytes.length === 4) bytes.copy(directory, at + 8)
    else {
      directory.writeUInt32LE(extraAt, at + 8)
      extra.push(bytes)
      extraAt += bytes.length
    }
  })
  const head = Buffer.from('II*\0\0\0\0\0', 'latin1')
  head.writeUInt32LE(start, 4)
  return Buffer.concat([head, pixels, Buffer.alloc(pixels.length % 2), directory, ...extra])
}
