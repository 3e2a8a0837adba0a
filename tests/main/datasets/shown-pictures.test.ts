import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { pictureFacts, renderPage, renderPicture } from '@main/datasets'
import { temporaryStore } from '@support/datasets'
import { folderOf } from '@support/pictures'

/** A photograph, wider than high: left half red, right half blue, with noise so that it is a large file. */
async function photograph(width: number, height: number): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3)
  for (let i = 0; i < width * height; i++) {
    const isLeft = i % width < width / 2
    data[3 * i] = isLeft ? 220 : (i * 7) % 23
    data[3 * i + 1] = (i * 13) % 29
    data[3 * i + 2] = isLeft ? (i * 11) % 23 : 220
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 98 })
    .toBuffer()
}

async function imported(): Promise<{
  store: ReturnType<typeof temporaryStore>
  id: string
  wide: Buffer
  source: string
}> {
  const wide = await photograph(600, 300)
  const source = folderOf({ 'a/wide.jpg': wide, 'b/high.jpg': await photograph(200, 400) })
  const store = temporaryStore()
  const { id } = await store.importFrom(source, { mixedSize: 16 })
  return { store, id, wide, source }
}

describe('pictures that people judge by', () => {
  it('come in their own proportions, the model sees them resized, and both are told', async () => {
    const { store, id, wide } = await imported()
    const meta = store.get(id)
    expect(meta.shape).toEqual([16, 16, 3])
    const sized = async (...[look, side]: ['original' | 'model', number?]): Promise<string> => {
      const { bytes } = await renderPicture(meta, 0, look, side)
      const { width, height, format } = await sharp(bytes).metadata()
      return `${format} ${width}x${height}`
    }
    expect(await sized('original', 100)).toBe('jpeg 100x50')
    expect(await sized('original', 4000)).toBe('jpeg 600x300')
    expect(await sized('model')).toBe('png 16x16')
    expect((await renderPicture(meta, 0, 'original')).bytes.equals(wide)).toBe(true)
    expect(await pictureFacts(meta, 1)).toEqual({
      model: { width: 16, height: 16, channels: 3 },
      original: { width: 200, height: 400, format: 'jpeg', bytes: expect.any(Number) as number },
      missing: null
    })
  })

  it('are tiles with free ground beside them, from thumbnails that are kept and made again when damaged', async () => {
    const { store, id } = await imported()
    const meta = store.get(id)
    const at = async (x: number, y: number): Promise<number[]> => {
      const { bytes } = await renderPage(meta, [0, 1], 64, 'original')
      const { data, info } = await sharp(bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
      expect([info.width, info.height]).toEqual([128, 64])
      return [...data.subarray(4 * (y * info.width + x), 4 * (y * info.width + x) + 4)]
    }
    // 600 x 300 in a tile of 64 is 64 x 32: rows 16 to 47.
    expect((await at(10, 5))[3]).toBe(0)
    const [red, , blue, opaque] = await at(10, 32)
    expect([red! > 180, blue! < 60, opaque]).toEqual([true, true, 255])
    // 200 x 400 is 32 x 64, in the middle of the second tile.
    expect((await at(64 + 8, 32))[3]).toBe(0)
    expect((await at(64 + 24, 2))[3]).toBe(255)
    const thumbnails = path.join(store.folderOf(id), 'thumbnails')
    expect(readdirSync(thumbnails).sort()).toEqual(['0.jpg', '1.jpg'])
    writeFileSync(path.join(thumbnails, '0.jpg'), 'cut')
    expect((await at(10, 32))[0]).toBeGreaterThan(180)
    // They are no part of the content.
    await store.verify(id)
  })

  it('fall back to the pixels of the model where the originals are gone, and say so', async () => {
    const { store, id } = await imported()
    const folder = store.folderOf(id)
    const file = path.join(folder, 'meta.json')
    const { readFileSync } = await import('node:fs')
    const meta = JSON.parse(readFileSync(file, 'utf8')) as { layout: Record<string, unknown> }
    // As an import of an earlier version, or of more than is kept, from a source that is gone.
    for (const [originals, missing] of [
      [false, 'not kept'],
      ['source', 'gone']
    ] as const) {
      writeFileSync(file, JSON.stringify({ ...meta, layout: { ...meta.layout, originals } }))
      rmSync(path.join(folder, 'original-files.json'), { force: true })
      const now = store.get(id)
      expect(await pictureFacts(now, 0)).toEqual({
        model: { width: 16, height: 16, channels: 3 },
        original: null,
        missing
      })
      const { bytes } = await renderPicture(now, 0, 'original', 100)
      expect((await sharp(bytes).metadata()).width).toBe(16)
      expect((await renderPage(now, [0], 32, 'original')).type).toBe('image/png')
    }
  })

  it('are of trusted examples those of the dataset they were marked in', async () => {
    const { store, id } = await imported()
    const { materialiseMarks } = await import('@main/datasets/trusted-marks')
    const marked = await materialiseMarks(store.get(id), [{ row: 1, label: 1 }])
    const { bytes } = await renderPicture(marked, 0, 'original', 100)
    const { width, height } = await sharp(bytes).metadata()
    expect([width, height]).toEqual([50, 100])
  })

  it('need no size asked for, though the first pictures are of one', async () => {
    const same = await photograph(40, 40)
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`a/${100 + i}.jpg`, same]))
    const source = folderOf({ ...many, 'a/150.jpg': await photograph(64, 32), 'b/1.jpg': same })
    const store = temporaryStore()
    const { id } = await store.importFrom(source, { mixedSize: 16 })
    expect(store.get(id).shape).toEqual([16, 16, 3])
    expect((await pictureFacts(store.get(id), 50)).original).toMatchObject({ width: 64, height: 32 })
    await store.verify(id)
    expect(existsSync(path.join(store.folderOf(id), 'originals.bin'))).toBe(true)
  })
})
