import { availableParallelism } from 'node:os'
import type { ExampleShape } from '../../../shared/domain/dataset'
import { badInput } from '../../../shared/domain/failure'
import { ZipArchive } from '../bytes/zip-archive'
import { decodeImage, IMAGE_FILE, isGrey } from '../pictures/decode-image'
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
import { holdsImages, openImageTree, type ImageTree } from './image-tree'
import { splitsOf } from './splits'

/** Encoded images are kept for exports up to this many bytes, or four times the size of the pixels. */
const KEPT_ORIGINALS = 512 << 20
const SAMPLES = 24

/** Images in class folders, in a folder or a zip, with train and test above and metadata files where given. */
export const imagesCodec: SourceCodec = {
  format: 'images',

  async recognise(look) {
    if (look.kind === 'folder') {
      const found = holdsImages(look.path)
      return found && `a folder with images such as ${found}`
    }
    if (!look.head.subarray(0, 4).equals(Buffer.from('PK\x03\x04'))) return undefined
    const zip = await ZipArchive.open(look.path, look.name)
    try {
      return zip.entries.some((entry) => IMAGE_FILE.test(entry.path)) ? 'a zip of images' : undefined
    } finally {
      await zip.close()
    }
  },

  async open(look, options) {
    if (look.kind === 'file' && look.head.subarray(0, 2).toString('latin1') !== 'PK') {
      throw badInput(
        `${look.name} is neither a folder nor a zip.`,
        'Name the folder or zip that holds the class folders.'
      )
    }
    const tree = await openImageTree(look)
    try {
      const found = await catalogue(tree, look.name)
      return new ImagesReader(tree, found, await samplesOf(found, options), options)
    } catch (error) {
      await tree.close()
      throw error
    }
  }
}

interface Sample {
  readonly image: CatalogueImage
  readonly pixels: Pixels
  readonly encodedBytes: number
}

/** Images spread over the whole set, so that several classes and splits show. */
async function samplesOf(found: ImageCatalogue, options: CodecOptions): Promise<Sample[]> {
  const { images } = found
  const wanted = Math.min(SAMPLES, images.length)
  const chosen = Array.from({ length: wanted }, (_, i) => images[Math.floor((i * images.length) / wanted)]!)
  return Promise.all(chosen.map((image) => sampleOf(image, options)))
}

async function sampleOf(image: CatalogueImage, options: CodecOptions): Promise<Sample> {
  const encoded = await image.file.read()
  const pixels = await decodeImage(encoded, image.file.name, options.imageSize)
  return { image, pixels, encodedBytes: encoded.length }
}

class ImagesReader implements SourceReader {
  readonly facts: SourceFacts

  constructor(
    private readonly tree: ImageTree,
    private readonly found: ImageCatalogue,
    private readonly samples: readonly Sample[],
    private readonly options: CodecOptions
  ) {
    const sizes = new Set(samples.map(({ pixels }) => `${pixels.width}x${pixels.height}`))
    const { width = 1, height = 1 } = samples[0]?.pixels ?? {}
    const channels = samples.every(({ pixels }) => isGrey(pixels)) ? 1 : 3
    const warnings: string[] = []
    if (tree.others > 0) warnings.push(`${tree.others} files that are no images are left out.`)
    if (sizes.size > 1) warnings.push('The images differ in size: choose one with --image-size.')
    this.facts = {
      count: found.images.length,
      shape: sizes.size > 1 ? undefined : [height, width, channels],
      dtype: 'uint8',
      classNames: found.classNames,
      splits: this.#splits(),
      hasTruth: found.hasTruth,
      missing: sizes.size > 1 ? ['imageSize'] : [],
      warnings,
      files: tree.sources
    }
  }

  #splits(): ReturnType<typeof splitsOf> {
    const counts = new Map<string | undefined, number>()
    for (const { split } of this.found.images) counts.set(split, (counts.get(split) ?? 0) + 1)
    return splitsOf([...counts].map(([split, count]) => ({ split, count })))
  }

  async read(target: ReadTarget): Promise<SourceExamples> {
    const { images } = this.found
    const originals = await OriginalsWriter.create(target.folder)
    try {
      const kept = await this.#readImages(target, originals)
      return this.#examples(kept, images)
    } finally {
      await originals.close()
    }
  }

  /** @returns whether the encoded images were kept */
  async #readImages(target: ReadTarget, originals: OriginalsWriter): Promise<boolean> {
    const { images } = this.found
    let writer: FeatureWriter | undefined
    let keep = true
    let bytesKept = 0
    let size: Pixels | undefined
    const perBlock = blockSize(this.samples)
    // The next block is decoded while this one is written.
    let next = this.#decodeBlock(0, perBlock)
    for (let from = 0; from < images.length; from += perBlock) {
      const block = await next
      next = this.#decodeBlock(from + perBlock, perBlock)
      next.catch(() => undefined)
      size ??= block[0]?.pixels
      for (const { pixels, image } of block) this.#checkSize(pixels, image, size, images[0])
      const grey = block.every(({ pixels }) => isGrey(pixels))
      if (!writer) {
        const shape: ExampleShape = [size?.height ?? 1, size?.width ?? 1, grey ? 1 : 3]
        writer = await target.features(shape, 'uint8', (row) => images[row]?.file.name ?? 'image')
      } else if (!grey && writer.shape[2] === 1) await writer.widenToColour()
      await writer.append(joined(block, writer.size))
      bytesKept += block.reduce((sum, { encoded }) => sum + encoded.length, 0)
      keep &&= bytesKept <= Math.max(KEPT_ORIGINALS, 4 * writer.size * writer.count)
      if (keep) await originals.append(block.map(({ encoded }) => encoded))
      target.progress(writer.count, images.length, 'decoding images')
    }
    await (keep ? originals.finish() : originals.discard())
    return keep
  }

  async #decodeBlock(
    from: number,
    count: number
  ): Promise<{ image: CatalogueImage; encoded: Buffer; pixels: Pixels }[]> {
    const images = this.found.images.slice(from, from + count)
    return Promise.all(
      images.map(async (image) => {
        const encoded = await image.file.read()
        return { image, encoded, pixels: await decodeImage(encoded, image.file.name, this.options.imageSize) }
      })
    )
  }

  #checkSize(
    pixels: Pixels,
    image: CatalogueImage,
    size: Pixels | undefined,
    first: CatalogueImage | undefined
  ): void {
    if (!size || !first || (pixels.width === size.width && pixels.height === size.height)) return
    throw badInput(
      `${image.file.name} is ${pixels.width} x ${pixels.height}, but ${first.file.name} is ${size.width} x ${size.height}.`,
      'Give one size for all with --image-size, for example --image-size 64.'
    )
  }

  #examples(kept: boolean, images: readonly CatalogueImage[]): SourceExamples {
    const { classNames, hasTruth } = this.found
    const index = new Map(classNames.map((name, i) => [name, i]))
    const indices = (name: (image: CatalogueImage) => string): Int32Array =>
      Int32Array.from(images, (image) => index.get(name(image)) ?? 0)
    return {
      labels: indices(({ label }) => label),
      truth: hasTruth ? indices(({ truth, label }) => truth ?? label) : undefined,
      classNames,
      splits: this.facts.splits,
      files: images.map(({ path }) => path),
      layout: { originals: kept, imageSize: this.options.imageSize }
    }
  }

  async sample(most: number): Promise<SampleExample[]> {
    return this.samples.slice(0, most).map(({ image, pixels }) => ({
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

/**
 * Images decoded at a time: enough to keep every core busy, few enough to bound memory and to tell of progress
 * often, also where large photographs are made small.
 */
function blockSize(samples: readonly Sample[]): number {
  const largest = (bytesOf: (sample: Sample) => number): number => Math.max(1, ...samples.map(bytesOf))
  const pixelBytes = largest(({ pixels }) => 3 * pixels.width * pixels.height)
  const encodedBytes = largest((sample) => sample.encodedBytes)
  const most = Math.min(256, Math.floor((4 << 20) / pixelBytes), Math.floor((16 << 20) / encodedBytes))
  return Math.max(2 * availableParallelism(), most)
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
