import type { ExampleShape } from '../../../shared/domain/dataset'
import { badInput, Failure } from '../../../shared/domain/failure'
import { ANY_ENCODING, ZipArchive } from '../../file-formats/zip-archive'
import { IMAGE_FILE, isGrey } from '../pictures/decode-image'
import type { Pixels } from '../pictures/bmp'
import type { FeatureWriter } from '../store/feature-writer'
import { OriginalsWriter } from '../store/originals'
import type {
  CodecOptions,
  ReadTarget,
  SampleExample,
  SourceCodec,
  SourceExamples,
  SourceFacts,
  SourceReader
} from './codec'
import { catalogue, type CatalogueImage, type ImageCatalogue } from './image-catalogue'
import { imageBlocks, readImage, type LeftOut, type ReadImage } from './image-blocks'
import { holdsImages, openImageTree, type ImageTree } from './image-tree'
import { ImportNotes, named } from './import-notes'
import { holdsPackedPictures, openPackedTree, type PackedTree } from './packed-tree'
import { splitsOf } from './splits'
import { isParquet } from './table-file'

const SAMPLES = 24

/**
 * Images in class folders, in a folder or a zip, with train and test above and metadata files where given; or in a
 * column of Parquet files.
 */
export const imagesCodec: SourceCodec = {
  format: 'images',

  async recognise(look) {
    if (look.kind === 'folder') {
      const found = holdsImages(look.path)
      return found ? `a folder with images such as ${found}` : holdsPackedPictures(look)
    }
    if (isParquet(look.head)) return holdsPackedPictures(look)
    if (!look.head.subarray(0, 4).equals(Buffer.from('PK\x03\x04'))) return undefined
    const zip = await ZipArchive.open(look.path, look.name, ANY_ENCODING)
    try {
      return zip.entries.some((entry) => IMAGE_FILE.test(entry.path)) ? 'a zip of images' : undefined
    } finally {
      await zip.close()
    }
  },

  async open(look, options) {
    if ((await holdsPackedPictures(look)) !== undefined) {
      return opened(look.name, options, await openPackedTree(look, options))
    }
    if (look.kind === 'file' && look.head.subarray(0, 2).toString('latin1') !== 'PK') {
      throw badInput(
        `${look.name} is neither a folder nor a zip of images.`,
        'Name the folder or zip that holds the class folders, or a Parquet file with a column of pictures.'
      )
    }
    const tree = await openImageTree(look, options.encoding)
    return opened(look.name, options, { tree, found: () => catalogue(tree, look.name, options) })
  }
}

async function opened(
  name: string,
  options: CodecOptions,
  { tree, found: find, first }: PackedTree
): Promise<SourceReader> {
  try {
    const found = await find()
    const looked = { ...found, images: found.images.slice(0, first) }
    const samples = await samplesOf(looked, name, options)
    if (
      options.imageSize !== undefined ||
      options.mixedSize === undefined ||
      areReadAsTheyAre(samples, options)
    )
      return new ImagesReader(tree, found, samples, options)
    return await resizedReader(tree, found, looked, { name, options, shown: samples })
  } catch (error) {
    await tree.close()
    throw error
  }
}

/** Pictures that are large or differ in size, where nobody asked for a size. */
async function resizedReader(
  tree: ImageTree,
  found: ImageCatalogue,
  looked: ImageCatalogue,
  { name, options, shown }: { name: string; options: CodecOptions; shown: Samples }
): Promise<ImagesReader> {
  const sized = { ...options, imageSize: options.mixedSize }
  return new ImagesReader(tree, found, await samplesOf(looked, name, sized), sized, shown)
}

/** Pictures looked at for one that can be read, before a source is given up. */
const MOST_TRIED = 2000

/** Pixels that the samples hold together. */
const SAMPLE_BYTES = 64 << 20

/** A picture without the bytes it came as. */
type Sample = Pick<ReadImage, 'image' | 'pixels'>

interface Samples {
  readonly read: readonly Sample[]
  readonly leftOut: readonly LeftOut[]
}

/** Several are read side by side: which of them ends a strict import is for the caller to say. */
async function sampleOf(image: CatalogueImage, options: CodecOptions): Promise<Sample | LeftOut> {
  const result = await readImage(image, { ...options, strict: false })
  return 'pixels' in result ? { image, pixels: result.pixels } : result
}

/** Images spread over the whole set, so that several classes and splits show; few of large ones. */
async function samplesOf(found: ImageCatalogue, name: string, options: CodecOptions): Promise<Samples> {
  const { images } = found
  const results: (Sample | LeftOut)[] = []
  for (const image of images.slice(0, MOST_TRIED)) {
    if (results.some((result) => 'pixels' in result)) break
    results.push(await sampleOf(image, options))
  }
  const first = results.find((result) => 'pixels' in result)
  const fitting = first ? Math.max(2, Math.floor(SAMPLE_BYTES / first.pixels.data.length)) : 0
  const wanted = Math.min(SAMPLES, images.length, fitting)
  const chosen = Array.from({ length: wanted }, (_, i) => images[Math.floor((i * images.length) / wanted)]!)
  const tried = new Set(results.map(({ image }) => image))
  const others = chosen.filter((image) => !tried.has(image))
  results.push(...(await Promise.all(others.map((image) => sampleOf(image, options)))))
  const read = results.filter((result) => 'pixels' in result)
  const leftOut = results
    .filter((result) => 'failure' in result)
    .sort((a, b) => images.indexOf(a.image) - images.indexOf(b.image))
  const [worst] = leftOut
  if (worst && options.strict) throw worst.failure
  if (worst && read.length === 0) {
    const { message, remedy } = worst.failure
    const rest = results.length > 1 ? `, and no other picture of ${name} can be read` : ''
    throw badInput(`${message.replace(/\.$/, '')}${rest}.`, remedy, worst.failure)
  }
  return { read, leftOut }
}

class ImagesReader implements SourceReader {
  readonly facts: SourceFacts

  constructor(
    private readonly tree: ImageTree,
    private readonly found: ImageCatalogue,
    private readonly samples: Samples,
    private readonly options: CodecOptions,
    /** The samples as they are, where they are resized for models. */
    private readonly shown?: Samples
  ) {
    const pictures = samples.read.map(({ pixels }) => pixels)
    const sizes = sizesOf(samples)
    const { width = 1, height = 1 } = pictures[0] ?? {}
    const channels = pictures.every(isGrey) ? 1 : 3
    const warnings = [...tree.warnings, ...found.warnings]
    if (sizes.size > 1) warnings.push('The images differ in size: choose one with --image-size.')
    this.facts = {
      count: found.images.length,
      shape: sizes.size > 1 ? undefined : [height, width, channels],
      dtype: 'uint8',
      classNames: found.classNames,
      splits: splitsOfImages(found.images),
      hasTruth: found.hasTruth,
      columns: found.columns,
      labelColumn: found.labelColumn,
      labelColumnCandidates: found.columns,
      resizedTo: shown && options.imageSize,
      missing: [
        ...(sizes.size > 1 ? (['imageSize'] as const) : []),
        ...(this.#needsLabelColumn ? (['labelColumn'] as const) : [])
      ],
      warnings,
      foreseen: notesOf(samples).warnings(),
      files: tree.sources
    }
  }

  get #needsLabelColumn(): boolean {
    return this.found.columns !== undefined && this.found.labelColumn === undefined
  }

  async read(target: ReadTarget): Promise<SourceExamples> {
    if (this.#needsLabelColumn) {
      throw badInput(
        `A table names the pictures, but which of its columns (${named(this.found.columns ?? [])}) holds the label cannot be told.`,
        'Name the column with --label-column.'
      )
    }
    const originals = await OriginalsWriter.create(target.folder, target.originals)
    try {
      return await this.#readImages(target, originals)
    } catch (error) {
      // The samples were of one size, and a later picture is of another.
      if (!(error instanceof OtherSize) || this.options.mixedSize === undefined) throw error
      await originals.close()
      const { tree, found, options } = this
      const sized = await resizedReader(tree, found, found, { name: tree.root, options, shown: this.samples })
      return await sized.read(target)
    } finally {
      await originals.close()
    }
  }

  async #readImages(target: ReadTarget, originals: OriginalsWriter): Promise<SourceExamples> {
    const { images } = this.found
    const notes = new ImportNotes()
    const kept: CatalogueImage[] = []
    const [first] = this.samples.read
    const pixelBytes = 3 * (first?.pixels.width ?? 1) * (first?.pixels.height ?? 1)
    let writer: FeatureWriter | undefined
    let done = 0
    for await (const results of imageBlocks(images, pixelBytes, this.options, (read) =>
      checkSize(read, first)
    )) {
      const block = results.filter((result) => 'pixels' in result)
      for (const result of results) if ('failure' in result) notes.leaveOut(result)
      done += results.length
      for (const { image, pixels } of block) {
        kept.push(image)
        if (pixels.hasMore) notes.readFirst(image.path)
      }
      const [size] = block
      if (size) {
        const grey = block.every(({ pixels }) => isGrey(pixels))
        if (!writer) {
          const shape: ExampleShape = [size.pixels.height, size.pixels.width, grey ? 1 : 3]
          writer = await target.features(shape, 'uint8', (row) => kept[row]?.file.name ?? 'image')
        } else if (!grey && writer.shape[2] === 1) await writer.widenToColour()
        await writer.append(joined(block, writer.size))
        const encoded = block.map(({ image, encoded: bytes }) => ({ path: image.file.path, bytes }))
        await originals.append(encoded, writer.size * writer.count)
      }
      target.progress(done, images.length, 'decoding images')
    }
    return this.#examples(
      kept,
      { originals: await originals.finish(this.tree.root, this.options.encoding) },
      notes
    )
  }

  #examples(
    images: readonly CatalogueImage[],
    { originals }: { readonly originals: boolean | 'source' },
    notes: ImportNotes
  ): SourceExamples {
    const { classNames, hasTruth } = this.found
    const index = new Map(classNames.map((name, i) => [name, i]))
    const indices = (name: (image: CatalogueImage) => string): Int32Array =>
      Int32Array.from(images, (image) => index.get(name(image)) ?? 0)
    return {
      labels: indices(({ label }) => label),
      truth: hasTruth ? indices(({ truth, label }) => truth ?? label) : undefined,
      classNames,
      splits: splitsOfImages(images),
      files: images.map(({ path }) => path),
      warnings: notes.warnings(),
      layout: { originals, imageSize: this.options.imageSize }
    }
  }

  async sample(most: number): Promise<SampleExample[]> {
    return (this.shown ?? this.samples).read.slice(0, most).map(({ image, pixels }) => ({
      features: pixels.data,
      shape: [pixels.height, pixels.width, pixels.channels],
      label: image.label,
      split: image.split
    }))
  }

  async close(): Promise<void> {
    await this.tree.close()
  }
}

function splitsOfImages(images: readonly CatalogueImage[]): ReturnType<typeof splitsOf> {
  const counts = new Map<string | undefined, number>()
  for (const { split } of images) counts.set(split, (counts.get(split) ?? 0) + 1)
  return splitsOf([...counts].map(([split, count]) => ({ split, count })))
}

/** Pictures of one size that are larger are resized as well where their pixels are only shown. */
const LARGEST_SHOWN = 1 << 16

function areReadAsTheyAre(samples: Samples, { keepsLarge = false }: CodecOptions): boolean {
  const [first] = samples.read
  if (!first || sizesOf(samples).size > 1) return false
  return keepsLarge || first.pixels.width * first.pixels.height <= LARGEST_SHOWN
}

/** The sizes that occur. */
function sizesOf({ read }: Samples): Set<string> {
  return new Set(read.map(({ pixels: { width, height } }) => `${width}x${height}`))
}

function notesOf({ read, leftOut }: Samples): ImportNotes {
  const notes = new ImportNotes()
  for (const { image, pixels } of read) if (pixels.hasMore) notes.readFirst(image.path)
  for (const result of leftOut) notes.leaveOut(result)
  return notes
}

/** A picture of another size than the first, where all were expected to have one. */
class OtherSize extends Failure {}

function checkSize({ image, pixels }: ReadImage, first: Sample | undefined): void {
  const size = first?.pixels
  if (!first || !size || (pixels.width === size.width && pixels.height === size.height)) return
  throw new OtherSize(
    'bad-input',
    `${image.file.name} is ${pixels.width} x ${pixels.height}, but ${first.image.file.name} is ${size.width} x ${size.height}.`,
    'Give one size for all with --image-size, for example --image-size 64.'
  )
}

/** The pixels of a block, one after the other, with as many channels as the rows have. */
function joined(block: readonly { pixels: Pixels }[], size: number): Uint8Array {
  const bytes = new Uint8Array(block.length * size)
  block.forEach(({ pixels: { data } }, i) => {
    if (data.length === size) return bytes.set(data, i * size)
    if (data.length > size) for (let j = 0; j < size; j++) bytes[i * size + j] = data[3 * j]!
    else for (let j = 0; j < size; j++) bytes[i * size + j] = data[Math.floor(j / 3)]!
  })
  return bytes
}
