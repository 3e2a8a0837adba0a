import { describe, expect, it } from 'vitest'
import sharp, { type Sharp } from 'sharp'
import { crc32 } from 'node:zlib'
import { decodeImage } from '@main/datasets/pictures/decode-image'
import { MemoryGate } from '@main/datasets/pictures/memory-gate'
import { failureOf } from '@support/datasets'
import { rawTiff } from '@support/pictures'

/** 3 wide, 2 high: every pixel another. */
const WIDTH = 3
const PIXELS = Uint8Array.from({ length: 3 * 2 * WIDTH }, (_, i) => 13 * i)
const picture = (): Sharp => sharp(PIXELS, { raw: { width: WIDTH, height: 2, channels: 3 } })

const LOSSLESS = { lossless: true, compression: 'lzw' }

/** Rows of pixel numbers as PIL's ImageOps.exif_transpose gives them for each orientation. */
const TRANSPOSED: Readonly<Record<number, readonly (readonly number[])[]>> = {
  1: [
    [0, 1, 2],
    [3, 4, 5]
  ],
  2: [
    [2, 1, 0],
    [5, 4, 3]
  ],
  3: [
    [5, 4, 3],
    [2, 1, 0]
  ],
  4: [
    [3, 4, 5],
    [0, 1, 2]
  ],
  5: [
    [0, 3],
    [1, 4],
    [2, 5]
  ],
  6: [
    [3, 0],
    [4, 1],
    [5, 2]
  ],
  7: [
    [5, 2],
    [4, 1],
    [3, 0]
  ],
  8: [
    [2, 5],
    [1, 4],
    [0, 3]
  ]
}

function expected(orientation: number): number[] {
  return TRANSPOSED[orientation]!.flat().flatMap((pixel) => [...PIXELS.subarray(3 * pixel, 3 * pixel + 3)])
}

/** The chunks of a PNG, its signature left out. */
function chunksOf(png: Buffer): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    chunks.push(png.subarray(at, at + 12 + png.readUInt32BE(at)))
  }
  return chunks
}

function chunk(type: string, body: Buffer): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(type), body, Buffer.alloc(4)])
  bytes.writeUInt32BE(body.length, 0)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + body.length)), 8 + body.length)
  return bytes
}

describe('the orientation that a camera noted is applied', () => {
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    for (const format of ['png', 'webp', 'tiff'] as const) {
      it(`${orientation} in ${format}`, async () => {
        const noted = picture().withMetadata({ orientation })
        const bytes = await noted.toFormat(format, LOSSLESS).toBuffer()
        const { data, width, height } = await decodeImage(bytes, 'x')
        const rows = TRANSPOSED[orientation]!
        expect([width, height]).toEqual([rows[0]!.length, rows.length])
        expect([...data]).toEqual(expected(orientation))
      })
    }
  }

  it('in a JPEG whose Exif stands behind 70 kB of other segments', async () => {
    const bytes = await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer()
    const segment = Buffer.alloc(35_002, 1)
    segment.set([0xff, 0xed])
    segment.writeUInt16BE(35_000, 2)
    const far = Buffer.concat([bytes.subarray(0, 2), segment, segment, bytes.subarray(2)])
    const [plain, rotated] = [await decodeImage(bytes, 'x'), await decodeImage(far, 'x')]
    expect([rotated.width, rotated.height]).toEqual([2, 3])
    expect(rotated.data).toEqual(plain.data)
  })

  it('in a PNG whose Exif follows its pixels, and in one that only ImageMagick’s text tells of', async () => {
    const noted = await picture().withMetadata({ orientation: 8 }).png().toBuffer()
    const chunks = chunksOf(noted)
    const exif = chunks.find((bytes) => bytes.toString('latin1', 4, 8) === 'eXIf')!
    const others = chunks.filter((bytes) => bytes !== exif)
    const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exif.subarray(8, -4)])
    const text = `Raw profile type exif\0\nexif\n${String(body.length).padStart(8)}\n${body.toString('hex')}\n`
    for (const moved of [exif, chunk('tEXt', Buffer.from(text, 'latin1'))]) {
      const bytes = Buffer.concat([noted.subarray(0, 8), ...others.slice(0, -1), moved, others.at(-1)!])
      expect([...(await decodeImage(bytes, 'x')).data]).toEqual(expected(8))
    }
  })

  it('in XMP alone, as Pillow takes it', async () => {
    const [header, ...rest] = chunksOf(await picture().png().toBuffer())
    const xmp = 'XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta><rdf:Description tiff:Orientation="5"/></x:xmpmeta>'
    const bytes = Buffer.concat([
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      header!,
      chunk('iTXt', Buffer.from(xmp)),
      ...rest
    ])
    expect([...(await decodeImage(bytes, 'x')).data]).toEqual(expected(5))
  })
})

describe('kinds of pixels', () => {
  it('16 bits become 8, 1 bit becomes black and white, alpha is dropped', async () => {
    const grey = { width: 2, height: 1, samples: 1, photometric: 1 }
    const wide = await decodeImage(rawTiff({ ...grey, bits: 16 }, Buffer.from([0x34, 0x12, 0xff, 0xff])), 'x')
    expect([wide.channels, ...wide.data]).toEqual([wide.channels, ...repeated([0x12, 0xff], wide.channels)])
    const bits = await decodeImage(rawTiff({ ...grey, bits: 1 }, Buffer.from([0b01000000])), 'x')
    expect([...bits.data]).toEqual(repeated([0, 255], bits.channels))
    const alpha = await sharp(Buffer.from([9, 8, 7, 0, 1, 2, 3, 255]), {
      raw: { width: 2, height: 1, channels: 4 }
    })
      .webp({ lossless: true, exact: true })
      .toBuffer()
    expect([...(await decodeImage(alpha, 'x')).data]).toEqual([9, 8, 7, 1, 2, 3])
  })

  it('inks become light as Pillow makes it', async () => {
    const inks = Buffer.from([0, 0, 0, 0, 255, 0, 0, 0, 100, 50, 0, 55, 10, 20, 30, 255])
    const bytes = rawTiff({ width: 4, height: 1, bits: 8, samples: 4, photometric: 5 }, inks)
    // Image.fromarray(inks, 'CMYK').convert('RGB')
    expect([...(await decodeImage(bytes, 'x')).data]).toEqual([
      255, 255, 255, 0, 255, 255, 122, 161, 200, 0, 0, 0
    ])
  })

  for (const [what, format, bits, reason] of [
    ['floating-point numbers', 3, 32, /floating-point numbers, not pixels/],
    ['signed numbers', 2, 16, /signed or complex/],
    ['wide numbers', 1, 32, /numbers of 32 bits/]
  ] as const) {
    it(`${what} are refused`, async () => {
      const tags = { width: 2, height: 1, bits, samples: 1, photometric: 1, sampleFormat: format }
      const failure = await failureOf(() => decodeImage(rawTiff(tags, Buffer.alloc(bits / 4)), 'f.tif'))
      expect(failure.message).toMatch(reason)
      expect(failure.message).toMatch(/^f\.tif /)
    })
  }

  it('tells of more frames than the first', async () => {
    const gif = await sharp(Buffer.alloc(2 * 12, 200).fill(90, 0, 12), {
      raw: { width: 2, height: 4, channels: 3, pageHeight: 2 }
    })
      .gif({ delay: [100, 100] })
      .toBuffer()
    const first = await decodeImage(gif, 'x.gif')
    expect([first.width, first.height, first.hasMore, first.data[0]]).toEqual([2, 2, true, 90])
    expect((await decodeImage(await picture().png().toBuffer(), 'x')).hasMore).toBe(false)
  })
})

describe('only documented formats reach a decoder', () => {
  for (const [what, content, named] of [
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', /it is SVG or XML/],
    ['a web page', '<!DOCTYPE html><html></html>', /it is a web page/],
    ['PDF', '%PDF-1.4\n', /it is PDF/],
    ['HEIF', '\0\0\0\x18ftypheic\0\0\0\0', /it is HEIF or AVIF/],
    ['a pointer', 'version https://git-lfs.github.com/spec/v1\n', /git lfs pull/],
    ['PPM', 'P6\n1 1\n255\nabc', /portable anymap/],
    ['nothing', '', /x\.png is empty/]
  ] as const) {
    it(`${what} named .png is refused`, async () => {
      expect((await failureOf(() => decodeImage(Buffer.from(content, 'latin1'), 'x.png'))).message).toMatch(
        named
      )
    })
  }

  it('a picture of too many pixels is refused by its header', async () => {
    const png = await picture().png().toBuffer()
    png.writeUInt32BE(60_000, 16)
    png.writeUInt32BE(60_000, 20)
    expect((await failureOf(() => decodeImage(png, 'x.png'))).remedy).toMatch(/--image-size/)
    const failure = await failureOf(() => decodeImage(png, 'x.png', 32))
    expect(failure.message).toMatch(/60000 x 60000 pixels/)
    expect(failure.remedy).not.toMatch(/--image-size/)
  })
})

it('a gate admits in order what fits, and something too large alone', async () => {
  const gate = new MemoryGate(10)
  let held = 0
  const seen: number[] = []
  const work = (bytes: number): Promise<void> =>
    gate.hold(bytes, async () => {
      held += bytes
      seen.push(held)
      await new Promise((resolve) => setImmediate(resolve))
      held -= bytes
    })
  await Promise.all([4, 6, 3, 25, 5, 5].map(work))
  expect(seen).toEqual([4, 10, expect.any(Number) as number, 25, 5, 10])
  expect(seen[2]).toBeLessThanOrEqual(10)
})

function repeated(values: readonly number[], times: number): number[] {
  return values.flatMap((value) => Array<number>(times).fill(value))
}
