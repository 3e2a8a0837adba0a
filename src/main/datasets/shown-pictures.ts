import type { DatasetMeta } from '../../shared/domain/dataset'
import type { PictureFacts } from '../../shared/domain/picture-facts'
import { sharedReferences } from './codecs/referenced-originals'
import { ExampleSelection, type ExamplePlace } from './example-selection'
import { drawAtlas } from './pictures/atlas'
import type { Pixels } from './pictures/bmp'
import { loadSharp } from './pictures/decode-image'
import { encodeImage } from './pictures/encode-image'
import { pictureHeader } from './pictures/picture-header'
import { asJpeg, atItsOwnSize, fitted, shownSize, type PictureFile } from './pictures/shown-picture'
import { THUMBNAIL_SIDE, thumbnail } from './pictures/thumbnails'
import { checkAtlas, modelPictures } from './pictures'
import { folderOfMeta } from './store/dataset-folder'
import { OriginalsReader } from './store/originals'
import { markedIn } from './trusted-marks'

/** Whose view of an example: people's, who look at what was photographed, or the model's, whose pixels were resized. */
export type PictureLook = 'original' | 'model'

/**
 * One example as a picture. Where the original is asked for and to be had it comes in its own proportions, with
 * `side` no longer than that and never enlarged, without it at its own size; else the pixels that were imported; a
 * table's features as a small chart.
 */
export async function renderPicture(
  source: ExampleSelection | DatasetMeta,
  row: number,
  look: PictureLook = 'original',
  side?: number
): Promise<PictureFile> {
  const [pixels] = modelPictures(source, [row])
  const originals = new Originals()
  try {
    const place = placeOf(source, row)
    const shown = look === 'original' ? await originals.shown(place, side) : undefined
    return shown ?? { bytes: await encodeImage(pixels!, 'png'), type: 'image/png' }
  } finally {
    originals.close()
  }
}

/** A page of examples as one picture, laid out by atlasGrid of shared/contract/atlas: a request for a screen full. */
export async function renderPage(
  source: ExampleSelection | DatasetMeta,
  rows: readonly number[],
  tileSize: number,
  look: PictureLook = 'original'
): Promise<PictureFile> {
  checkAtlas(rows.length, tileSize)
  const pixels = modelPictures(source, rows)
  const originals = new Originals()
  let photographs = 0
  try {
    if (look === 'original') {
      await inSmallGroups(rows, async (row, i) => {
        const tile = await originals.tile(placeOf(source, row), tileSize)
        if (!tile) return
        pixels[i] = tile
        photographs++
      })
    }
  } finally {
    originals.close()
  }
  const { width, height, data } = drawAtlas(pixels, tileSize)
  const image = (await loadSharp())(data, { raw: { width, height, channels: 4 } })
  // Low effort: the page lives for a moment, and must be there at once. Small pictures must keep each pixel.
  return photographs > 0
    ? { bytes: await image.webp({ quality: 85, effort: 0 }).toBuffer(), type: 'image/webp' }
    : {
        bytes: await image.png({ compressionLevel: 2, adaptiveFiltering: false }).toBuffer(),
        type: 'image/png'
      }
}

/** What there is to be seen of an example, in numbers. */
export async function pictureFacts(
  source: ExampleSelection | DatasetMeta,
  row: number
): Promise<PictureFacts> {
  modelPictures(source, [row])
  const [height, width, channels] = source.shape
  const model = width === undefined || channels === undefined ? null : { width, height, channels }
  const place = placeOf(source, row)
  const originals = new Originals()
  try {
    const encoded = await originals.read(place)
    const size = encoded && (await shownSize(encoded))
    if (encoded && size) {
      const { format = 'png' } = pictureHeader(encoded) ?? {}
      return { model, original: { ...size, format, bytes: encoded.length }, missing: null }
    }
    return { model, original: null, missing: model && wasResized(place.meta) ? 'not kept' : null }
  } catch {
    return { model, original: null, missing: 'gone' }
  } finally {
    originals.close()
  }
}

/** Whether its pixels are others than those of its files. */
function wasResized({ layout, format }: DatasetMeta): boolean {
  return format === 'images' && typeof layout['imageSize'] === 'number'
}

/** Where the files of an example are kept: trusted examples are rows of the dataset they were marked in. */
function placeOf(source: ExampleSelection | DatasetMeta, row: number): ExamplePlace {
  const place =
    source instanceof ExampleSelection
      ? source.placeOf(row)
      : { meta: source, folder: folderOfMeta(source), row }
  const marked = markedIn(place.meta)
  return marked ? { ...marked, row: marked.rows[place.row]! } : place
}

/** Tiles decoded side by side. */
const AT_ONCE = 8

async function inSmallGroups(
  rows: readonly number[],
  act: (row: number, i: number) => Promise<void>
): Promise<void> {
  let next = 0
  const work = async (): Promise<void> => {
    for (let i = next++; i < rows.length; i = next++) await act(rows[i]!, i)
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, rows.length) }, work))
}

/** Original pictures of the datasets that one request looks at. */
class Originals {
  readonly #open = new Map<string, OriginalsReader | undefined>()

  /** The encoded picture; undefined where none was kept. @throws Failure conflict when its source is another by now */
  async read({ meta, folder, row }: ExamplePlace): Promise<Buffer | undefined> {
    const { originals } = meta.layout
    if (originals === 'source') return (await sharedReferences(folder)).read(row)
    if (originals !== true) return undefined
    if (!this.#open.has(folder)) this.#open.set(folder, OriginalsReader.open(folder))
    return this.#open.get(folder)?.read(row)
  }

  /** As a file to look at; undefined where the imported pixels are what there is, or all there is to be had. */
  async shown(place: ExamplePlace, side: number | undefined): Promise<PictureFile | undefined> {
    if (!wasResized(place.meta)) return undefined
    try {
      const encoded = await this.read(place)
      if (!encoded) return undefined
      const name = nameOf(place)
      if (side === undefined) return await atItsOwnSize(encoded, name)
      return await asJpeg(await fitted(encoded, name, side))
    } catch {
      // Gone or changed since: the facts say so beside the picture.
      return undefined
    }
  }

  async tile(place: ExamplePlace, side: number): Promise<Pixels | undefined> {
    if (!wasResized(place.meta)) return undefined
    try {
      const read = (): Promise<Buffer | undefined> => this.read(place)
      const encoded = side <= THUMBNAIL_SIDE ? await thumbnail(place.folder, place.row, read) : await read()
      return encoded && (await fitted(encoded, nameOf(place), side))
    } catch {
      return undefined
    }
  }

  close(): void {
    for (const reader of this.#open.values()) reader?.close()
  }
}

function nameOf({ meta, row }: ExamplePlace): string {
  return `Example ${row} of ${meta.name}`
}
