import { exampleSize } from '../../../shared/domain/dataset'
import type { ExampleSelection } from '../example-selection'
import { inTurn, loadSharp } from './decode-image'
import { pictureHeader } from './picture-header'

/** What can be said of pictures without knowing what they show; one number a picture. */
export interface PictureQualities {
  /** Luminance 0..1 under which 99 % of the pixels lie: a dark picture has nothing bright. */
  readonly bright: Float32Array
  /** Luminance over which 95 % of the pixels lie. */
  readonly dark: Float32Array
  /** Entropy of the luminance in bits, 0..8. */
  readonly entropy: Float32Array
  /** Standard deviation of a Laplacian (libvips), of the original at 256 pixels; NaN where there is none. */
  readonly sharpness: Float32Array
  /** Pixels of the original; NaN where there is none. */
  readonly area: Float32Array
  /** Shorter side over longer side of the original; NaN where there is none. */
  readonly aspect: Float32Array
}

const BLOCK_VALUES = 1 << 22
/** Originals that are decoded side by side. */
const AT_ONCE = 8
/** Side at which sharpness is measured, so that a large picture is not less sharp for being large. */
const SHARP_SIDE = 256

/**
 * Measure pictures: brightness from the pixels that are learned from, sizes and sharpness from the originals where they
 * were kept.
 * @param onRows told how many are done
 */
export async function pictureQualities(
  selection: ExampleSelection,
  onRows: (done: number) => void,
  signal?: AbortSignal
): Promise<PictureQualities> {
  const { count } = selection
  const column = (): Float32Array => new Float32Array(count).fill(NaN)
  const out = {
    bright: column(),
    dark: column(),
    entropy: column(),
    sharpness: column(),
    area: column(),
    aspect: column()
  }
  const most = Math.max(AT_ONCE, Math.floor(BLOCK_VALUES / exampleSize(selection.shape)))
  for (let from = 0; from < count; from += most) {
    signal?.throwIfAborted()
    const to = Math.min(count, from + most)
    measureLuminance(selection, from, to, out)
    for (let at = from; at < to; at += AT_ONCE) {
      const rows = Array.from({ length: Math.min(AT_ONCE, to - at) }, (_, i) => at + i)
      if (rows.some((row) => selection.hasOriginal(row)))
        await Promise.all(rows.map((row) => measureOriginal(selection, row, out)))
      onRows(at + rows.length)
      signal?.throwIfAborted()
    }
  }
  return out
}

function measureLuminance(
  selection: ExampleSelection,
  from: number,
  to: number,
  out: PictureQualities
): void {
  const size = exampleSize(selection.shape)
  const [height = 1, width = 1, channels = 1] = selection.shape
  const pixels = height * width
  const values = selection.readRows(Array.from({ length: to - from }, (_, i) => from + i))
  const histogram = new Float64Array(256)
  for (let i = 0; i < to - from; i++) {
    histogram.fill(0)
    for (let p = 0; p < pixels; p++) {
      const at = i * size + p * channels
      const value =
        channels >= 3 ? 0.299 * values[at]! + 0.587 * values[at + 1]! + 0.114 * values[at + 2]! : values[at]!
      histogram[Math.max(0, Math.min(255, Math.round(255 * value)))]! += 1
    }
    out.bright[from + i] = quantile(histogram, pixels, 0.99)
    out.dark[from + i] = quantile(histogram, pixels, 0.05)
    out.entropy[from + i] = histogram.reduce(
      (sum, n) => (n > 0 ? sum - (n / pixels) * Math.log2(n / pixels) : sum),
      0
    )
  }
}

/** Luminance 0..1 under which a share of the pixels lies. */
function quantile(histogram: Float64Array, pixels: number, share: number): number {
  let below = 0
  for (let level = 0; level < 256; level++) {
    below += histogram[level]!
    if (below >= share * pixels) return level / 255
  }
  return 1
}

/** An original that is gone or cannot be decoded any more has no size and no sharpness. */
async function measureOriginal(
  selection: ExampleSelection,
  row: number,
  out: PictureQualities
): Promise<void> {
  try {
    const bytes = await selection.originalOf(row)
    const size = bytes && pictureHeader(bytes)?.size
    if (!bytes || !size) return
    out.area[row] = size.width * size.height
    out.aspect[row] = Math.min(size.width, size.height) / Math.max(size.width, size.height)
    const sharp = await loadSharp()
    const measure = async (): Promise<number> => {
      const small = await sharp(bytes)
        .greyscale()
        .resize(SHARP_SIDE, SHARP_SIDE, { fit: 'inside', withoutEnlargement: true })
        .png({ compressionLevel: 0 })
        .toBuffer()
      return (await sharp(small).stats()).sharpness
    }
    out.sharpness[row] = await inTurn(bytes, measure, (_bytes, decode) => decode())
  } catch {
    // BMP, or a source that has moved: what the pixels say is all there is.
  }
}
