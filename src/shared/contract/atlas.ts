/** Where the tiles of an atlas page lie: the window cuts them out by this, main draws them by this. */
export interface AtlasGrid {
  readonly columns: number
  readonly rows: number
  readonly tileSize: number
  /** Pixels. */
  readonly width: number
  readonly height: number
}

const COLUMNS = 16

/** The grid of a page of `count` square tiles of `tileSize` pixels, filled row by row. */
export function atlasGrid(count: number, tileSize: number): AtlasGrid {
  const columns = Math.max(1, Math.min(COLUMNS, count))
  const rows = Math.max(1, Math.ceil(count / columns))
  return { columns, rows, tileSize, width: columns * tileSize, height: rows * tileSize }
}
