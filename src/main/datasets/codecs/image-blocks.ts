import { availableParallelism } from 'node:os'
import { decodeImage, inTurn, type DecodedPicture } from '../pictures/decode-image'
import { MemoryGate } from '../pictures/memory-gate'
import { unreadable, UnreadablePicture } from '../pictures/unreadable-picture'
import type { CodecOptions } from './codec'
import type { CatalogueImage } from './image-catalogue'

/** An encoded picture beyond this is not read. */
const MOST_ENCODED = 512 << 20
/** Encoded bytes of a block, which are held until it is written. */
const BLOCK_ENCODED = 32 << 20
const BLOCK_PIXELS = 4 << 20
const MOST_IN_BLOCK = 256

/** What all decoding of this process may hold at a time, encoded and decoded. */
const encodedGate = new MemoryGate(256 << 20)
const decodedGate = new MemoryGate(512 << 20)

/** A picture with its pixels, and the bytes it came as. */
export interface ReadImage {
  readonly image: CatalogueImage
  readonly encoded: Buffer
  readonly pixels: DecodedPicture
}

/** A picture that is left out. */
export interface LeftOut {
  readonly image: CatalogueImage
  readonly failure: UnreadablePicture
}

/** Read one picture; one that cannot be read comes back as such, unless the import is strict. @throws Failure */
export async function readImage(image: CatalogueImage, options: CodecOptions): Promise<ReadImage | LeftOut> {
  const { file } = image
  try {
    const size = file.size()
    if (size > MOST_ENCODED) {
      const reason = `it is a file of ${Math.ceil(size / 2 ** 20)} MiB`
      throw new UnreadablePicture(
        `${file.name} is too large: ${reason}.`,
        'Make it smaller, or remove it.',
        reason
      )
    }
    return await encodedGate.hold(size, async () => {
      const encoded = await file.read()
      const pixels = await inTurn(
        encoded,
        () => decodeImage(encoded, file.name, options.imageSize),
        (bytes, decode) => decodedGate.hold(bytes, decode)
      )
      return { image, encoded, pixels }
    })
  } catch (error) {
    const failure = options.strict ? undefined : unreadable(error, file.name)
    if (!failure) throw error
    return { image, failure }
  }
}

/**
 * Read pictures in blocks, the next while one is used: enough at a time to keep every core busy, few enough to bound
 * memory. `pixelBytes` is the size of one picture.
 */
export async function* imageBlocks(
  images: readonly CatalogueImage[],
  pixelBytes: number,
  options: CodecOptions,
  check: (read: ReadImage) => void
): AsyncGenerator<(ReadImage | LeftOut)[]> {
  const most = Math.max(
    2 * availableParallelism(),
    Math.min(MOST_IN_BLOCK, Math.floor(BLOCK_PIXELS / Math.max(1, pixelBytes)))
  )
  const pieces = partition(images, most)
  let next = readBlock(pieces.next().value, options, check)
  next.catch(() => undefined)
  for (;;) {
    const block = await next
    if (block.length === 0) return
    next = readBlock(pieces.next().value, options, check)
    next.catch(() => undefined)
    yield block
  }
}

function* partition(images: readonly CatalogueImage[], most: number): Generator<CatalogueImage[], undefined> {
  let block: CatalogueImage[] = []
  let encoded = 0
  for (const image of images) {
    block.push(image)
    encoded += sizeOf(image)
    if (block.length < most && encoded < BLOCK_ENCODED) continue
    yield block
    block = []
    encoded = 0
  }
  if (block.length > 0) yield block
  return undefined
}

/** Zero for a file that is gone: reading it tells why. */
function sizeOf({ file }: CatalogueImage): number {
  try {
    return file.size()
  } catch {
    return 0
  }
}

/**
 * All of a block; after one that ends the import no other is begun. Of several that do, the first in order is told:
 * the same one each time.
 */
async function readBlock(
  images: readonly CatalogueImage[] = [],
  options: CodecOptions,
  check: (read: ReadImage) => void
): Promise<(ReadImage | LeftOut)[]> {
  const results: (ReadImage | LeftOut)[] = []
  const ends: { readonly position: number; readonly error: unknown }[] = []
  let at = 0
  const work = async (): Promise<void> => {
    while (at < images.length && ends.length === 0) {
      const position = at++
      try {
        const read = await readImage(images[position]!, options)
        if ('pixels' in read) check(read)
        results[position] = read
      } catch (error) {
        ends.push({ position, error })
      }
    }
  }
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, work))
  const [first] = ends.sort((a, b) => a.position - b.position)
  if (first) throw first.error
  return results
}
