import { atlasGrid } from '../../../shared/contract/atlas'
import type { Pixels } from './bmp'

/**
 * Draw pictures into the tiles of a grid: small ones enlarged by a whole factor, so that pixels stay crisp,
 * large ones averaged down; each in the middle of its tile, on a transparent ground.
 */
export function drawAtlas(
  pictures: readonly Pixels[],
  tileSize: number
): { width: number; height: number; data: Uint8Array } {
  const grid = atlasGrid(pictures.length, tileSize)
  const data = new Uint8Array(grid.width * grid.height * 4)
  pictures.forEach((picture, i) => {
    const left = (i % grid.columns) * tileSize
    const top = Math.floor(i / grid.columns) * tileSize
    drawTile(picture, tileSize, data, grid.width, left, top)
  })
  return { width: grid.width, height: grid.height, data }
}

function drawTile(
  picture: Pixels,
  tile: number,
  to: Uint8Array,
  stride: number,
  left: number,
  top: number
): void {
  const largest = Math.max(picture.width, picture.height)
  const factor = largest <= tile ? Math.floor(tile / largest) : tile / largest
  const width = Math.max(1, Math.floor(picture.width * factor))
  const height = Math.max(1, Math.floor(picture.height * factor))
  const x0 = left + ((tile - width) >> 1)
  const y0 = top + ((tile - height) >> 1)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 4 * ((y0 + y) * stride + x0 + x)
      if (factor >= 1) copyPixel(picture, Math.floor(x / factor), Math.floor(y / factor), to, at)
      else meanPixel(picture, x / factor, y / factor, 1 / factor, to, at)
      to[at + 3] = 255
    }
  }
}

function copyPixel(
  { width, channels, data }: Pixels,
  x: number,
  y: number,
  to: Uint8Array,
  at: number
): void {
  const from = (y * width + x) * channels
  const last = channels - 1
  to[at] = data[from]!
  to[at + 1] = data[from + Math.min(1, last)]!
  to[at + 2] = data[from + last]!
}

/** Samples per side of the area behind one pixel: enough for a thumbnail, and bounded. */
const SAMPLES = 3

function meanPixel(
  { width, height, channels, data }: Pixels,
  x: number,
  y: number,
  side: number,
  to: Uint8Array,
  at: number
): void {
  const steps = Math.min(SAMPLES, Math.ceil(side))
  for (let c = 0; c < 3; c++) {
    let sum = 0
    for (let j = 0; j < steps; j++) {
      const row = Math.min(height - 1, Math.floor(y + ((j + 0.5) * side) / steps))
      for (let i = 0; i < steps; i++) {
        const column = Math.min(width - 1, Math.floor(x + ((i + 0.5) * side) / steps))
        sum += data[(row * width + column) * channels + Math.min(c, channels - 1)]!
      }
    }
    to[at + c] = Math.round(sum / (steps * steps))
  }
}
