import { exampleSize, type DatasetMeta, type ExampleShape } from '../../shared/domain/dataset'
import { badInput } from '../../shared/domain/failure'
import { ExampleSelection } from './example-selection'
import { drawAtlas } from './pictures/atlas'
import { loadSharp } from './pictures/decode-image'
import { examplePicture, type PictureScale } from './pictures/example-picture'
import { poisonPanels } from './pictures/poison-panels'
import type { Pixels } from './pictures/bmp'
import { checkFiles } from './store/content'
import { folderOfMeta } from './store/dataset-folder'
import { FeatureFile } from './store/feature-file'

/** Largest tile and page: a page is meant for one screen. */
const LARGEST_TILE = 512
const LARGEST_PAGE = 4096

/** @throws Failure bad-input for a page that is no screen full */
export function checkAtlas(count: number, tileSize: number): void {
  if (!Number.isInteger(tileSize) || tileSize < 1 || tileSize > LARGEST_TILE || count > LARGEST_PAGE) {
    throw badInput(
      `An atlas of ${count} tiles of ${tileSize} pixels is not drawn.`,
      `Ask for at most ${LARGEST_PAGE} tiles of 1 to ${LARGEST_TILE} pixels.`
    )
  }
}

/** POISON_PANELS of several poisons as one PNG, laid out by atlasGrid. */
export async function renderPoisonPanels(
  train: ExampleSelection,
  pairs: readonly { readonly base: Float32Array; readonly poison: Float32Array }[],
  tileSize: number
): Promise<Buffer> {
  const scale = train.dtype === 'uint8' ? {} : scaleOf(train.metas[0])
  const panels = pairs.flatMap(({ base, poison }) => poisonPanels(base, poison, train.shape, scale))
  return encodeAtlas(panels, tileSize)
}

async function encodeAtlas(pictures: readonly Pixels[], tileSize: number): Promise<Buffer> {
  const { width, height, data } = drawAtlas(pictures, tileSize)
  const sharp = await loadSharp()
  // Low effort: the page lives for a moment, and must be there at once.
  return sharp(data, { raw: { width, height, channels: 4 } })
    .png({ compressionLevel: 2, adaptiveFiltering: false })
    .toBuffer()
}

/**
 * Examples as runs see them: pixels at the size they were imported in, features of a table as a small chart.
 * @throws Failure bad-input for a row that there is not
 */
export function modelPictures(source: ExampleSelection | DatasetMeta, rows: ArrayLike<number>): Pixels[] {
  const wrong = Array.from(rows).find((row) => !Number.isInteger(row) || row < 0 || row >= source.count)
  if (wrong !== undefined) {
    throw badInput(`There is no example ${wrong}: there are ${source.count}.`, 'Count from 0.')
  }
  if (source instanceof ExampleSelection) {
    return cut(source.readRaw(rows), source.shape, scaleOf(source.metas[0]))
  }
  checkFiles(folderOfMeta(source), source)
  const file = FeatureFile.open(folderOfMeta(source), source)
  try {
    const size = exampleSize(source.shape)
    const features =
      source.dtype === 'uint8' ? new Uint8Array(rows.length * size) : new Float32Array(rows.length * size)
    for (let i = 0; i < rows.length; i++) {
      const one = features.subarray(i * size, (i + 1) * size)
      if (one instanceof Uint8Array) file.readBytes(rows[i]!, 1, one)
      else file.readFloats(rows[i]!, 1, one)
    }
    return cut(features, source.shape, scaleOf(source))
  } finally {
    file.close()
  }
}

function cut(features: Uint8Array | Float32Array, shape: ExampleShape, scale: PictureScale): Pixels[] {
  const size = exampleSize(shape)
  return Array.from({ length: features.length / size }, (_, i) =>
    examplePicture(features.subarray(i * size, (i + 1) * size), shape, scale)
  )
}

/** The ranges that the import recorded. */
function scaleOf(meta: DatasetMeta | undefined): PictureScale {
  return {
    range: meta?.layout.range as PictureScale['range'],
    columnRange: meta?.layout.columnRange as PictureScale['columnRange']
  }
}
