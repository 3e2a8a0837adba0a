import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AtlasPages, PAGE, tileStyle } from '@renderer/ui/atlas-pages'

/** Pictures that are asked for, to be answered when a test says so. */
interface Asked {
  readonly rows: readonly number[]
  readonly tileSize: number
  arrive(): Promise<void>
  fail(): Promise<void>
}

let asked: Asked[] = []
/** Addresses of pictures that are held in memory. */
let held: Set<string>
let ready: number

function pagesOf(rows: readonly number[], tileSize = 28): AtlasPages {
  const fetch = (wanted: readonly number[], size: number): Promise<Blob> =>
    new Promise((resolve, reject) => {
      const settle = async (act: () => void): Promise<void> => {
        act()
        await new Promise((next) => setTimeout(next))
      }
      asked.push({
        rows: wanted,
        tileSize: size,
        arrive: () => settle(() => resolve(new Blob())),
        fail: () => settle(() => reject(new Error('no picture')))
      })
    })
  const pages = new AtlasPages(fetch, tileSize, () => ready++)
  pages.show(rows)
  return pages
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => 1000 + i)

beforeEach(() => {
  asked = []
  held = new Set()
  ready = 0
  let next = 0
  vi.spyOn(URL, 'createObjectURL').mockImplementation(() => {
    const url = `blob:${next++}`
    held.add(url)
    return url
  })
  vi.spyOn(URL, 'revokeObjectURL').mockImplementation((url) => void held.delete(url))
})
afterEach(() => vi.restoreAllMocks())

describe('pictures of examples by the page', () => {
  test('one request for a page, then every tile in its place', async () => {
    const pages = pagesOf(range(200))
    expect(pages.tile(0)).toBeUndefined()
    expect(pages.tile(17)).toBeUndefined()
    expect(asked.map(({ rows, tileSize }) => [rows, tileSize])).toEqual([[range(192), 28]])
    await asked[0]!.arrive()
    expect(ready).toBe(1)
    const picture = { url: 'blob:0', columns: 16, rows: 12 }
    expect(pages.tile(0)).toEqual({ ...picture, column: 0, row: 0 })
    expect(pages.tile(17)).toEqual({ ...picture, column: 1, row: 1 })
    expect(pages.tile(191)).toEqual({ ...picture, column: 15, row: 11 })
    expect(asked).toHaveLength(1)
  })

  test('the last page is as small as what is left', async () => {
    const pages = pagesOf(range(200))
    pages.tile(195)
    expect(asked[0]!.rows).toEqual(range(200).slice(192))
    await asked[0]!.arrive()
    expect(pages.tile(195)).toEqual({ url: 'blob:0', column: 3, row: 0, columns: 8, rows: 1 })
  })

  test('a page that failed is asked for again when it is next in view', async () => {
    const pages = pagesOf(range(10))
    pages.tile(0)
    await asked[0]!.fail()
    expect(ready).toBe(0)
    pages.tile(0)
    expect(asked).toHaveLength(2)
    await asked[1]!.arrive()
    expect(pages.tile(0)).toBeDefined()
  })

  test('however far one scrolls, few pictures are held; those seen last stay', async () => {
    const pages = pagesOf(range(60 * PAGE))
    for (let page = 0; page < 48; page++) {
      pages.tile(page * PAGE)
      await asked.at(-1)!.arrive()
    }
    expect(held.size).toBe(48)
    // The first page is looked at again, so the second is the one that has been out of sight longest.
    expect(pages.tile(0)).toBeDefined()
    pages.tile(48 * PAGE)
    await asked.at(-1)!.arrive()
    expect(held.size).toBe(48)
    expect(held).toContain('blob:0')
    expect(held).not.toContain('blob:1')
    expect(pages.tile(PAGE)).toBeUndefined()
    expect(asked.at(-1)!.rows).toEqual(range(2 * PAGE).slice(PAGE))
  })

  test('other rows: all is forgotten, and what was on the way is not shown for them', async () => {
    const pages = pagesOf(range(300))
    pages.tile(0)
    await asked[0]!.arrive()
    pages.tile(PAGE)
    pages.show([5, 6, 7])
    expect(held.size).toBe(0)
    await asked[1]!.arrive()
    expect(held.size).toBe(0)
    expect(ready).toBe(1)
    expect(pages.tile(0)).toBeUndefined()
    expect(asked[2]!.rows).toEqual([5, 6, 7])
    await asked[2]!.arrive()
    expect(pages.tile(2)).toMatchObject({ column: 2, row: 0, columns: 3, rows: 1 })
    // A failure of before must not make the page of now be asked for twice.
    pages.dispose()
    expect(held.size).toBe(0)
  })

  test('a late failure of other rows leaves the page of now alone', async () => {
    const pages = pagesOf(range(10))
    pages.tile(0)
    pages.show([5, 6, 7])
    pages.tile(0)
    await asked[0]!.fail()
    pages.tile(0)
    expect(asked).toHaveLength(2)
  })
})

test('CSS cuts one tile out of the picture', () => {
  expect(tileStyle(undefined, 40)).toEqual({})
  expect(tileStyle({ url: 'blob:7', column: 3, row: 2, columns: 16, rows: 12 }, 40)).toEqual({
    backgroundImage: 'url(blob:7)',
    backgroundSize: '640px 480px',
    backgroundPosition: '-120px -80px'
  })
})
