import type { ExampleShape } from '../../../shared/domain/dataset'
import type { Pixels } from './bmp'
import { encodeImage } from './encode-image'

/** How much a difference is enlarged, around mid grey. */
export const DIFFERENCE_GAIN = 10

const GAP = 4
/** Small images are enlarged, pixel by pixel, to at least this side. */
const LEAST_SIDE = 96

/** One row of a strip; all images hold values in 0..1 and have the shape [height, width, 1 or 3]. */
export interface StripRow {
  readonly base: Float32Array
  readonly poison: Float32Array
  /** Absent in all rows or in none. */
  readonly target?: Float32Array
}

/** PNG of rows of base, poison, difference (times 10, grey is none) and, where there is one, target, on white. */
export function renderStrip(rows: readonly StripRow[], shape: ExampleShape): Promise<Buffer> {
  const [height, width = 1, depth = 1] = shape
  const channels = depth === 1 ? 1 : 3
  const scale = Math.max(1, Math.ceil(LEAST_SIDE / Math.max(height, width)))
  const [panelHeight, panelWidth] = [height * scale, width * scale]
  const panels = rows[0]?.target ? 4 : 3
  const picture = {
    width: panels * panelWidth + (panels - 1) * GAP,
    height: rows.length * panelHeight + (rows.length - 1) * GAP,
    channels,
    data: new Uint8Array(0)
  } as const
  const data = new Uint8Array(picture.width * picture.height * channels).fill(255)
  rows.forEach(({ base, poison, target }, row) => {
    const difference = poison.map((value, i) => 0.5 + DIFFERENCE_GAIN * (value - base[i]!))
    for (const [column, panel] of [base, poison, difference, ...(target ? [target] : [])].entries()) {
      const left = column * (panelWidth + GAP)
      const top = row * (panelHeight + GAP)
      for (let y = 0; y < panelHeight; y++) {
        for (let x = 0; x < panelWidth; x++) {
          const from = (Math.floor(y / scale) * width + Math.floor(x / scale)) * depth
          const to = ((top + y) * picture.width + left + x) * channels
          for (let c = 0; c < channels; c++) data[to + c] = byteOf(panel[from + c]!)
        }
      }
    }
  })
  const pixels: Pixels = { ...picture, data }
  return encodeImage(pixels, 'png')
}

function byteOf(value: number): number {
  return Math.max(0, Math.min(255, Math.round(255 * value)))
}
