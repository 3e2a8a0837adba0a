import { onUnmounted, shallowReactive } from 'vue'
import { client } from '@renderer/client'
import { atlasGrid } from '@shared/contract/atlas'
import type { AtlasGrid } from '@shared/contract/atlas'

/** Where an example's picture lies on a page of pictures. */
export interface PicturePlace {
  readonly url: string
  readonly grid: AtlasGrid
  readonly column: number
  readonly line: number
}

type Role = 'train' | 'trusted'

/** Rows asked for within this time share a page. */
const GATHER_MS = 25
const MOST_ON_PAGE = 256
/** Pages kept; the ones loaded first go first. */
const MOST_PAGES = 60

/**
 * Small pictures of a run's examples, fetched as pages: what becomes visible together is one request. Ask with
 * `want`, read with `place`, which answers once the page has come.
 */
export function useRunPictures(
  run: string,
  role: Role,
  tileSize: () => number
): { want(row: number): void; place(row: number): PicturePlace | undefined } {
  const places = shallowReactive(new Map<number, PicturePlace>())
  const pages: { url: string; rows: number[] }[] = []
  const asked = new Set<number>()
  let wanted: number[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let closed = false

  function want(row: number): void {
    if (places.has(row) || asked.has(row)) return
    asked.add(row)
    wanted.push(row)
    timer ??= setTimeout(() => void fetchWanted(), GATHER_MS)
  }

  async function fetchWanted(): Promise<void> {
    timer = undefined
    // What was asked for last is what is looked at now.
    const rows = wanted.slice(-MOST_ON_PAGE)
    for (const row of wanted.slice(0, -MOST_ON_PAGE)) asked.delete(row)
    wanted = []
    const size = tileSize()
    try {
      const page = await client.runs.atlas({ run, role, rows, tileSize: size })
      if (closed) return
      const grid = atlasGrid(rows.length, size)
      const url = URL.createObjectURL(page)
      rows.forEach((row, i) => {
        const line = Math.floor(i / grid.columns)
        places.set(row, { url, grid, column: i % grid.columns, line })
      })
      pages.push({ url, rows })
      if (pages.length > MOST_PAGES) forget(pages.shift()!)
    } catch {
      // Pictures are a help, not the matter: the tile stays empty and is asked for again when it is next seen.
    } finally {
      for (const row of rows) asked.delete(row)
    }
  }

  function forget(page: { url: string; rows: number[] }): void {
    for (const row of page.rows) if (places.get(row)?.url === page.url) places.delete(row)
    URL.revokeObjectURL(page.url)
  }

  onUnmounted(() => {
    closed = true
    clearTimeout(timer)
    for (const page of pages) URL.revokeObjectURL(page.url)
  })

  return { want, place: (row) => places.get(row) }
}

/** Of photographs: sharp as the small pictures of the review on a dense screen. */
export const PHOTOGRAPH_TILE = 128

/** Pixels to ask for: native for small images, so that they stay crisp. */
export function tileSizeFor(shape: readonly number[]): number {
  if (shape.length !== 3) return 64
  return Math.min(96, Math.max(8, shape[0]!, shape[1]!))
}
