import { copyFileSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import type { ExampleShape } from '../../../shared/domain/dataset'
import { badInput } from '../../../shared/domain/failure'
import { ByteReader, rowBlocks } from '../../file-formats/byte-reader'
import { npyNumbers } from '../../file-formats/npy'
import { ORIGINALS_FOLDER } from '../store/dataset-folder'
import type { FeatureType } from '../store/feature-writer'
import type {
  ReadTarget,
  SampleExample,
  SourceCodec,
  SourceExamples,
  SourceFacts,
  SourceReader
} from './codec'
import { sampleGroups } from './sample-groups'
import { idxGroups, isIdxFile, type IdxGroup } from './idx-files'
import { IDX_UBYTE, idxElements, idxShape, readIdxHeader, readIdxLabels, type IdxHeader } from './idx-header'
import { indexLabels, type LabelArray } from './label-array'
import { nameOf, pathOf, siblings, type SourceLook } from './source-look'
import { joinIntegers, splitsOf } from './splits'

/** Written beside IDX files whose classes have names, or of which the highest are absent. */
export const CLASS_NAMES_FILE = 'class-names.txt'

type CountedLabels = LabelArray & { readonly columns: number }

interface OpenGroup extends IdxGroup {
  readonly count: number
  readonly shape: ExampleShape
  readonly dtype: FeatureType
  readonly header: IdxHeader
  readonly labelValues: CountedLabels
  readonly truthValues?: CountedLabels
}

/** IDX, the format of MNIST (http://yann.lecun.com/exdb/mnist): big-endian header, then the items. */
export const idxCodec: SourceCodec = {
  format: 'idx',

  async recognise(look) {
    if (look.kind === 'file') {
      if (/\.(npz|npy|zip|csv|tsv|parquet|mat)$/i.test(look.path)) return undefined
      if (await isIdxFile(look.path)) return 'a file that begins with an IDX magic number'
      return /images.*idx\d/i.test(path.basename(look.path)) ? "a file named as in MNIST's layout" : undefined
    }
    const images = look.files.filter((name) => /images/i.test(name))
    for (const name of images) {
      if (/idx\d/i.test(name) || (await isIdxFile(pathOf(look, name)))) return `a folder with ${name}`
    }
    return undefined
  },

  async open(look) {
    const groups: OpenGroup[] = []
    for (const group of await idxGroups(look)) groups.push(await openGroup(look, group))
    const [first, ...rest] = groups
    for (const group of rest) {
      if (first && (first.shape.join() !== group.shape.join() || first.dtype !== group.dtype)) {
        throw badInput(
          `${nameOf(look, group.images)} holds examples of ${group.shape.join(' x ')}, but ${first.images} of ${first.shape.join(' x ')}.`,
          'The splits of a dataset must have examples of one size.'
        )
      }
    }
    return new IdxReader(look, groups)
  }
}

async function openGroup(look: SourceLook, group: IdxGroup): Promise<OpenGroup> {
  const name = nameOf(look, group.images)
  const reader = await ByteReader.openFile(pathOf(look, group.images), name)
  try {
    const header = await readIdxHeader(reader)
    const shape = idxShape(header, name)
    const count = header.sides[0] ?? 0
    const labels = await countedLabels(look, group.labels, count, group.images)
    const truth = group.truth ? await countedLabels(look, group.truth, count, group.images) : undefined
    const dtype = header.type === IDX_UBYTE ? 'uint8' : 'float32'
    return { ...group, header, count, shape, dtype, labelValues: labels, truthValues: truth }
  } finally {
    reader.close()
  }
}

function countedLabels(
  look: SourceLook,
  file: string,
  count: number,
  images: string
): Promise<CountedLabels> {
  return readIdxLabels(pathOf(look, file), nameOf(look, file), {
    count,
    why: `but ${images} holds ${count} images`,
    remedy: 'Use the labels file that belongs to these images.'
  })
}

class IdxReader implements SourceReader {
  readonly facts: SourceFacts
  readonly #shape: ExampleShape
  readonly #dtype: FeatureType
  readonly #examples: SourceExamples

  constructor(
    private readonly look: SourceLook,
    private readonly groups: readonly OpenGroup[]
  ) {
    this.#shape = groups[0]?.shape ?? [1]
    this.#dtype = groups[0]?.dtype ?? 'uint8'
    const truths = groups.map(({ truthValues, labelValues }) => truthValues ?? labelValues)
    const hasTruth = groups.some(({ truthValues }) => truthValues)
    const names = siblings(look)
    const classFile = names.includes(CLASS_NAMES_FILE) ? [CLASS_NAMES_FILE] : []
    const { classNames, indices, numbered } = indexLabels(
      [...groups.map(({ labelValues }) => labelValues), ...truths],
      classFile.length ? readLines(pathOf(look, CLASS_NAMES_FILE)) : undefined,
      nameOf(look, CLASS_NAMES_FILE)
    )
    const files = [
      ...groups.flatMap(({ images, labels, truth }) => [images, labels, ...(truth ? [truth] : [])]),
      ...classFile
    ]
    this.#examples = {
      labels: joinIntegers(indices.slice(0, groups.length)),
      truth: hasTruth ? joinIntegers(indices.slice(groups.length)) : undefined,
      classNames,
      splits: splitsOf(groups),
      layout: {
        groups: groups.map(({ split, images, labels }) => ({ split, images, labels })),
        originals: files.some((file) => /\.gz$/i.test(file)) ? files : [],
        numbered
      }
    }
    this.facts = {
      count: this.#examples.labels.length,
      shape: this.#shape,
      dtype: this.#dtype,
      classNames,
      splits: this.#examples.splits,
      hasTruth,
      warnings: columnWarnings(groups),
      files: files.map((file) => pathOf(look, file))
    }
  }

  async read(target: ReadTarget): Promise<SourceExamples> {
    const place = (row: number, column: number): string => `${this.look.name}, image ${row}, value ${column}`
    const writer = await target.features(this.#shape, this.#dtype, place)
    for (const group of this.groups) {
      const reader = await this.#openImages(group)
      try {
        for await (const block of rowBlocks(reader, group.count, this.#rowBytes(group), 'images')) {
          await writer.append(this.#values(group.header, block))
          target.progress(writer.count, this.facts.count, 'reading images')
        }
        if (!(await reader.atEnd())) {
          throw badInput(
            `${reader.name} goes on after the ${group.count} images of its header.`,
            'Copy or download it again.'
          )
        }
      } finally {
        reader.close()
      }
    }
    this.#keepOriginals(target.folder)
    return this.#examples
  }

  #rowBytes({ header }: OpenGroup): number {
    return this.#shape.reduce<number>((size, side) => size * side, idxElements(header)?.itemSize ?? 1)
  }

  #values(header: IdxHeader, block: Buffer): Uint8Array | Float32Array {
    const elements = idxElements(header)
    if (this.#dtype === 'uint8' || !elements) return block
    const numbers = npyNumbers(elements, block) ?? []
    return numbers instanceof Float32Array ? numbers : Float32Array.from(numbers as ArrayLike<number>)
  }

  async #openImages(group: OpenGroup): Promise<ByteReader> {
    const reader = await ByteReader.openFile(pathOf(this.look, group.images), nameOf(this.look, group.images))
    await readIdxHeader(reader)
    return reader
  }

  /** Compressed files cannot be made again bit for bit, so they are kept; they are small. */
  #keepOriginals(folder: string): void {
    const names = this.#examples.layout.originals as string[]
    if (names.length === 0) return
    const kept = path.join(folder, ORIGINALS_FOLDER)
    mkdirSync(kept)
    for (const name of names) copyFileSync(pathOf(this.look, name), path.join(kept, name))
  }

  sample(most: number): Promise<SampleExample[]> {
    return sampleGroups(
      this.groups,
      most,
      (group) => this.#openImages(group),
      async (reader, group) => this.#values(group.header, await reader.read(this.#rowBytes(group), 'images')),
      { ...this.#examples, shape: this.#shape }
    )
  }

  async close(): Promise<void> {
    // Files are opened for each pass and closed with it.
  }
}

function columnWarnings(groups: readonly OpenGroup[]): string[] {
  return groups
    .filter(({ labelValues }) => labelValues.columns > 1)
    .map(
      ({ labels, labelValues }) =>
        `${labels} has ${labelValues.columns} columns, as QMNIST's: the first is taken for the label.`
    )
}

/** A list of class names has a line for each. */
const MOST_NAMES_BYTES = 16 << 20

/**
 * Lines of a small text file without the empty ones at the end; undefined when there is none.
 * @throws Failure bad-input for what is no list of names: two names must never become one
 */
export function readLines(file: string): string[] | undefined {
  const facts = statSync(file, { throwIfNoEntry: false })
  if (!facts?.isFile()) return undefined
  if (facts.size > MOST_NAMES_BYTES) {
    throw badInput(`${file} is too large for a list of class names.`, 'Give one name a line.')
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
    return text.trimEnd().split(/\r?\n/)
  } catch (error) {
    throw badInput(`${file} is no UTF-8 text.`, 'Save the class names as UTF-8.', error)
  }
}
