import type { ExampleShape } from '../../../shared/domain/dataset'
import type { FeatureRange } from '../store/feature-writer'
import type { Pixels } from './bmp'

/** Smallest and largest value of each feature of a table, or of all of them. */
export interface PictureScale {
  readonly range?: FeatureRange
  readonly columnRange?: readonly [readonly number[], readonly number[]]
}

/** Colours of the bars of a table's picture: filled part and ground, on light and dark pages alike. */
const BAR = 0x60
const GROUND = 0xe8
const BAR_HEIGHT = 32
const WIDEST_BARS = 64

/**
 * An example as a picture: pixels as they are; float images scaled from 0..1, or from the range of the set
 * where it is another; a table's features as bars, or as a heat map where they are many.
 */
export function examplePicture(
  features: Uint8Array | Float32Array,
  shape: ExampleShape,
  scale: PictureScale = {}
): Pixels {
  if (shape.length === 1) return tablePicture(features, scale)
  const [height, width, channels] = shape
  const bytes = features instanceof Uint8Array ? features : scaledBytes(features, scale.range)
  return { width, height, channels: channels >= 3 ? 3 : 1, data: shownChannels(bytes, channels) }
}

/** Grey or RGB of images with one to many channels. */
function shownChannels(bytes: Uint8Array, channels: number): Uint8Array {
  if (channels === 1 || channels === 3) return bytes
  const shown = channels >= 3 ? 3 : 1
  const count = bytes.length / channels
  const data = new Uint8Array(count * shown)
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < shown; c++) data[i * shown + c] = bytes[i * channels + c]!
  }
  return data
}

function scaledBytes(values: Float32Array, range?: FeatureRange): Uint8Array {
  const unit = !range || (range.min >= 0 && range.max <= 1)
  const [low, high] = unit ? [0, 1] : [range.min, range.max]
  const factor = high > low ? 255 / (high - low) : 0
  return Uint8Array.from(values, (value) => Math.max(0, Math.min(255, Math.round((value - low) * factor))))
}

function tablePicture(features: Uint8Array | Float32Array, { range, columnRange }: PictureScale): Pixels {
  const levels = Float32Array.from(features, (value, i) => {
    const low = columnRange?.[0][i] ?? range?.min ?? 0
    const high = columnRange?.[1][i] ?? range?.max ?? (features instanceof Uint8Array ? 255 : 1)
    return high > low ? Math.max(0, Math.min(1, (value - low) / (high - low))) : 0.5
  })
  return levels.length <= WIDEST_BARS ? bars(levels) : heatMap(levels)
}

function bars(levels: Float32Array): Pixels {
  const barWidth = Math.max(1, Math.floor(BAR_HEIGHT / levels.length))
  const width = barWidth * levels.length
  const data = new Uint8Array(width * BAR_HEIGHT).fill(GROUND)
  for (let y = 0; y < BAR_HEIGHT; y++) {
    for (let x = 0; x < width; x++) {
      const tall = Math.max(1, Math.round(levels[Math.floor(x / barWidth)]! * BAR_HEIGHT))
      if (BAR_HEIGHT - y <= tall) data[y * width + x] = BAR
    }
  }
  return { width, height: BAR_HEIGHT, channels: 1, data }
}

function heatMap(levels: Float32Array): Pixels {
  const width = Math.ceil(Math.sqrt(levels.length))
  const height = Math.ceil(levels.length / width)
  const data = new Uint8Array(width * height).fill(GROUND)
  levels.forEach((level, i) => (data[i] = Math.round(255 * (1 - level))))
  return { width, height, channels: 1, data }
}
