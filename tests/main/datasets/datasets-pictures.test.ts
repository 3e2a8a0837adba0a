import path from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { renderPage, renderPicture } from '@main/datasets'
import { decodeSmallPng, encodeSmallPng } from '@main/datasets/pictures/png'
import { decodeBmp, encodeBmp } from '@main/datasets/pictures/bmp'
import { encodeImage } from '@main/datasets/pictures/encode-image'
import { atlasGrid } from '@shared/contract/atlas'
import { failureOf, FIXTURES, select, temporaryStore } from '@support/datasets'

async function rgb(png: Buffer): Promise<{ width: number; height: number; data: Buffer }> {
  const { data, info } = await sharp(png)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data }
}

describe('thumbnails', () => {
  it('show the very pixels, grey and colour', async () => {
    const store = temporaryStore()
    for (const name of ['idx-plain', 'cifar-10', 'pets.zip']) {
      const selection = await select(store, path.join(FIXTURES, name))
      const raw = selection.readRaw([3])
      const [height, width, channels = 1] = selection.shape
      const shown = await rgb((await renderPicture(selection, 3, 'model')).bytes)
      expect([shown.height, shown.width]).toEqual([height, width])
      const wide =
        channels === 3 ? raw : Uint8Array.from({ length: 3 * raw.length }, (_, i) => raw[Math.floor(i / 3)]!)
      expect(Buffer.from(wide).equals(shown.data)).toBe(true)
    }
  })

  it('of a table are small charts that differ', async () => {
    const store = temporaryStore()
    const meta = await store.importFrom(path.join(FIXTURES, 'pandas.csv'))
    const [first, second] = [
      (await renderPicture(meta, 0, 'model')).bytes,
      (await renderPicture(meta, 5, 'model')).bytes
    ]
    expect((await rgb(first)).height).toBe(32)
    expect(first.equals(second)).toBe(false)
  })
})

describe('atlas pages', () => {
  it('put each example into its tile, enlarged by a whole factor', async () => {
    const store = temporaryStore()
    const meta = await store.importFrom(path.join(FIXTURES, 'idx-plain'))
    const selection = store.open(meta.id)
    const rows = Array.from({ length: 20 }, (_, i) => (7 * i) % 28)
    const page = await rgb((await renderPage(meta, rows, 12, 'model')).bytes)
    const grid = atlasGrid(20, 12)
    expect([page.width, page.height]).toEqual([grid.width, grid.height])
    rows.forEach((row, i) => {
      const raw = selection.readRaw([row])
      // 6 x 5 pixels in a tile of 12: twice the size, one pixel of ground at the left.
      const [left, top] = [12 * (i % grid.columns) + 1, 12 * Math.floor(i / grid.columns)]
      for (let y = 0; y < 12; y++) {
        for (let x = 0; x < 10; x++) {
          expect(page.data[3 * ((top + y) * page.width + left + x)]).toBe(raw[(y >> 1) * 5 + (x >> 1)])
        }
      }
    })
    expect((await renderPage(selection, rows, 12, 'model')).bytes).toEqual(
      (await renderPage(meta, rows, 12, 'model')).bytes
    )
    selection.close()
  })

  it('average large pictures down', async () => {
    const store = temporaryStore()
    const meta = await store.importFrom(path.join(FIXTURES, 'cifar-10'))
    const page = await rgb((await renderPage(meta, [0, 1, 2], 8, 'model')).bytes)
    expect([page.width, page.height]).toEqual([24, 8])
  })

  it('refuse rows that are not there and pages too large', async () => {
    const store = temporaryStore()
    const meta = await store.importFrom(path.join(FIXTURES, 'idx-plain'))
    for (const [rows, tile] of [
      [[28], 12],
      [[-1], 12],
      [[0.5], 12],
      [[0], 0],
      [[0], 9999]
    ] as const) {
      expect((await failureOf(() => renderPage(meta, rows, tile, 'model'))).code).toBe('bad-input')
    }
  })
})

describe('encoders', () => {
  const picture = (
    channels: 1 | 3
  ): { width: number; height: number; channels: 1 | 3; data: Uint8Array } => ({
    width: 7,
    height: 5,
    channels,
    data: Uint8Array.from({ length: 35 * channels }, (_, i) => (i * 37) % 256)
  })

  it.each([1, 3] as const)(
    'PNG and BMP of %s channels are read by sharp and by themselves',
    async (channels) => {
      const pixels = picture(channels)
      const png = encodeSmallPng(pixels)
      expect(decodeSmallPng(png)).toEqual(pixels)
      const wide =
        channels === 3
          ? pixels.data
          : Uint8Array.from({ length: 105 }, (_, i) => pixels.data[Math.floor(i / 3)]!)
      expect((await rgb(png)).data.equals(Buffer.from(wide))).toBe(true)
      expect(Buffer.from(decodeBmp(encodeBmp(pixels), 'x.bmp').data).equals(Buffer.from(wide))).toBe(true)
    }
  )

  it('PNG with every filter that sharp writes are decoded alike', async () => {
    const data = Buffer.from(Array.from({ length: 40 * 40 * 3 }, (_, i) => (i * i) >> 5))
    for (const adaptiveFiltering of [true, false]) {
      const png = await sharp(data, { raw: { width: 40, height: 40, channels: 3 } })
        .png({ adaptiveFiltering })
        .toBuffer()
      expect(Buffer.from(decodeSmallPng(png)?.data ?? []).equals(data)).toBe(true)
    }
  })

  it('WebP is exact, JPEG is near', async () => {
    const pixels = {
      width: 16,
      height: 16,
      channels: 3 as const,
      data: Uint8Array.from({ length: 768 }, (_, i) => i / 3)
    }
    expect((await rgb(await encodeImage(pixels, 'webp'))).data.equals(Buffer.from(pixels.data))).toBe(true)
    const jpeg = (await rgb(await encodeImage(pixels, 'jpeg'))).data
    expect(
      jpeg.reduce((most, value, i) => Math.max(most, Math.abs(value - pixels.data[i]!)), 0)
    ).toBeLessThan(8)
  })
})
