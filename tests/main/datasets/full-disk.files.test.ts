import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { DatasetStore, exportChecked, exportDataset, npyFile, writeArrays } from '@main/datasets'
import { DATASET_FORMATS } from '@shared/domain/dataset'
import { temporaryFolder } from '@support/command'
import { failureOf, select, temporaryStore } from '@support/datasets'
import { smallDisk } from '@support/full-disk'

const disk = smallDisk(8)
afterAll(() => disk?.remove())

/** Colour pictures of 32 x 32 that do not compress, with splits: about 600 kB of pixels. */
async function pictures(): Promise<Awaited<ReturnType<typeof select>>> {
  const folder = temporaryFolder()
  let seed = 1
  const noise = (): number => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 8
  const put = (name: string, shape: number[], value: () => number): void => {
    const count = shape.reduce((product, side) => product * side, 1)
    writeFileSync(
      path.join(folder, `${name}.npy`),
      npyFile({ shape, values: Uint8Array.from({ length: count }, value) })
    )
  }
  put('x', [180, 32, 32, 3], noise)
  put('y', [180], () => noise() % 4)
  put('x_test', [20, 32, 32, 3], noise)
  put('y_test', [20], () => noise() % 4)
  return select(temporaryStore(), folder)
}

describe.skipIf(!disk)('a full disk', () => {
  const { folder, fill, empty } = disk ?? { folder: '', fill: () => undefined, empty: () => undefined }
  const cases = DATASET_FORMATS.flatMap((format) => [0, 4096, 100_000].map((free) => [format, free] as const))

  test.each(cases)('%s with %i bytes free: a refusal, and nothing left', async (format, free) => {
    const selection = await pictures()
    const out = path.join(folder, 'exports', 'copy')
    fill(free)
    try {
      const failure = await failureOf(() => exportDataset(selection, { format, out }))
      expect(failure).toMatchObject({ code: 'refused', remedy: expect.stringContaining('Free some space') })
      expect(failure.message).toContain(out)
      expect(failure.message).toContain('disk is full')
      expect(failure.message).not.toContain('.writing-')
      expect(readdirSync(folder)).toEqual(['.ballast'])
    } finally {
      empty()
    }
    // The same works once there is room.
    await exportDataset(selection, { format, out })
    rmSync(path.dirname(out), { recursive: true })
  })

  test.each([0, 100_000])('a Parquet file with %i bytes free', async (free) => {
    const selection = await pictures()
    const out = path.join(folder, 'copy')
    fill(free)
    const failure = await failureOf(() =>
      exportDataset(selection, { format: 'table', tableType: 'parquet', out })
    )
    expect(failure.code).toBe('refused')
    expect(failure.message).toMatch(/The disk is full: .*copy.* could not be written/)
    expect(readdirSync(folder)).toEqual(['.ballast'])
    empty()
  })

  test('while it is read back', async () => {
    const selection = await pictures()
    const out = path.join(folder, 'copy')
    fill(900_000)
    const failure = await failureOf(() => exportChecked(selection, { format: 'npz', out }, () => ({})))
    expect(failure.code).toBe('refused')
    expect(readdirSync(folder)).toEqual(['.ballast'])
    empty()
  })

  test('for an import', async () => {
    const selection = await pictures()
    const source = path.join(temporaryFolder(), 'set')
    for (const format of ['npz', 'images', 'table'] as const) {
      const out = path.join(source, format)
      await exportDataset(selection, { format, out })
      const store = new DatasetStore(path.join(folder, 'workspace', 'datasets'))
      fill(200_000)
      const failure = await failureOf(() => store.importFrom(out))
      expect(failure.code).toBe('refused')
      expect(readdirSync(store.root)).toEqual([])
      empty()
    }
  })

  test('for arrays of a run', async () => {
    fill(0)
    const file = path.join(folder, 'poisons.npz')
    const failure = await failureOf(() =>
      writeArrays(file, { x: { shape: [1 << 16], values: new Float32Array(1 << 16) } })
    )
    expect(failure).toMatchObject({
      code: 'refused',
      message: `The disk is full: ${file} could not be written.`
    })
    empty()
    expect(readdirSync(folder).sort()).toEqual(['workspace'])
  })
})
