import type { Pixels } from './bmp'

/**
 * Turn a picture as Exif's orientation says, 1 to 8. Where the pixel at (x, y) of the result stands in the picture as
 * it was stored:
 */
const SOURCES: Readonly<Record<number, (x: number, y: number, w: number, h: number) => [number, number]>> = {
  2: (x, y, w) => [w - 1 - x, y],
  3: (x, y, w, h) => [w - 1 - x, h - 1 - y],
  4: (x, y, _w, h) => [x, h - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, _w, h) => [y, h - 1 - x],
  7: (x, y, w, h) => [w - 1 - y, h - 1 - x],
  8: (x, y, w) => [w - 1 - y, x]
}

export function orient(picture: Pixels, orientation: number): Pixels {
  const source = SOURCES[orientation]
  if (!source) return picture
  const { channels, data } = picture
  const swapped = orientation >= 5
  const width = swapped ? picture.height : picture.width
  const height = swapped ? picture.width : picture.height
  const to = new Uint8Array(data.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [fromX, fromY] = source(x, y, picture.width, picture.height)
      const from = channels * (fromY * picture.width + fromX)
      const at = channels * (y * width + x)
      for (let c = 0; c < channels; c++) to[at + c] = data[from + c]!
    }
  }
  return { width, height, channels, data: to }
}
