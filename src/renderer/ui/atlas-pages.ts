import { atlasGrid } from '@shared/contract/atlas'

/** Where one example's tile lies in a picture of many. */
export interface Tile {
  readonly url: string
  /** Left and top of the tile in tiles. */
  readonly column: number
  readonly row: number
  /** Size of the whole picture in tiles. */
  readonly columns: number
  readonly rows: number
}

/** Fetch the tiles of some examples as one PNG. */
export type FetchAtlas = (rows: readonly number[], tileSize: number) => Promise<Blob>

/** Examples in one picture: a screen or two; one request and one decoded image for all of them. */
export const PAGE = 192
/** Of tiles larger than small pictures have: about as many pixels. */
const LARGE_TILE = 96
const LARGE_PAGE = 48
/** Pages kept: about 10,000 small examples, fewer large ones. The least recently used ones go first. */
const MOST_PAGES = 48
const MOST_PIXELS = 40_000_000

/** Examples in one picture of tiles of this size. */
function pageOf(tileSize: number): number {
  return tileSize > LARGE_TILE ? LARGE_PAGE : PAGE
}

/**
 * Pictures of examples, a page at a time: the grid asks for positions in a list of rows, this fetches pages
 * and remembers the latest ones, so that memory stays bounded however far a reader scrolls.
 */
export class AtlasPages {
  readonly #pages = new Map<number, Promise<string>>()
  readonly #ready = new Map<number, string>()
  #rows: readonly number[] = []
  #generation = 0
  readonly #perPage: number

  constructor(
    private readonly fetch: FetchAtlas,
    private readonly tileSize: number,
    /** Called when a page has come. */
    private readonly onReady: () => void
  ) {
    this.#perPage = pageOf(tileSize)
  }

  /** Show other rows: all pages are forgotten. */
  show(rows: readonly number[]): void {
    this.#generation++
    this.#rows = rows
    for (const url of this.#ready.values()) URL.revokeObjectURL(url)
    this.#pages.clear()
    this.#ready.clear()
  }

  /** The tile at a position of the list; undefined while its page is on the way. */
  tile(position: number): Tile | undefined {
    const page = Math.floor(position / this.#perPage)
    const url = this.#ready.get(page)
    if (url === undefined) {
      void this.#load(page)
      return undefined
    }
    // A Map keeps the order of insertion: what is used moves to the end.
    this.#ready.delete(page)
    this.#ready.set(page, url)
    const count = Math.min(this.#perPage, this.#rows.length - page * this.#perPage)
    const { columns, rows } = atlasGrid(count, this.tileSize)
    const at = position % this.#perPage
    return { url, column: at % columns, row: Math.floor(at / columns), columns, rows }
  }

  #load(page: number): Promise<string> {
    const present = this.#pages.get(page)
    if (present) return present
    const generation = this.#generation
    const rows = this.#rows.slice(page * this.#perPage, (page + 1) * this.#perPage)
    const loading = this.fetch(rows, this.tileSize).then((blob) => {
      const url = URL.createObjectURL(blob)
      if (generation !== this.#generation) {
        URL.revokeObjectURL(url)
        return url
      }
      this.#ready.set(page, url)
      this.#evict()
      this.onReady()
      return url
    })
    // A page that failed is asked for again when it is next in view.
    loading.catch(() => generation === this.#generation && this.#pages.delete(page))
    this.#pages.set(page, loading)
    return loading
  }

  #evict(): void {
    const most = Math.min(MOST_PAGES, Math.floor(MOST_PIXELS / (this.#perPage * this.tileSize ** 2)))
    for (const [page, url] of this.#ready) {
      if (this.#ready.size <= most) return
      URL.revokeObjectURL(url)
      this.#ready.delete(page)
      this.#pages.delete(page)
    }
  }

  dispose(): void {
    this.show([])
  }
}

/** CSS that shows one tile of a picture in a box of `size` pixels. */
export function tileStyle(tile: Tile | undefined, size: number): Record<string, string> {
  if (!tile) return {}
  return {
    backgroundImage: `url(${tile.url})`,
    backgroundSize: `${tile.columns * size}px ${tile.rows * size}px`,
    backgroundPosition: `${-tile.column * size}px ${-tile.row * size}px`
  }
}
