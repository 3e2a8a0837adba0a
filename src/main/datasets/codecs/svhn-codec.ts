import path from 'node:path'
import type { ExampleShape } from '../../../shared/domain/dataset'
import { badInput } from '../../../shared/domain/failure'
import { rowBlocks } from '../../file-formats/byte-reader'
import { listMatVariables, openMatData, readMatNumbers, type MatVariable } from '../../file-formats/mat-file'
import { numberedClassNames } from '../class-names'
import { requireTrainable } from '../example-size'
import type {
  ReadTarget,
  SampleExample,
  SourceCodec,
  SourceExamples,
  SourceFacts,
  SourceReader
} from './codec'
import { sampleGroups } from './sample-groups'
import { CLASS_NAMES_FILE, readLines } from './idx-codec'
import { indexLabels, LabelCoder, type LabelArray } from './label-array'
import { nameOf, pathOf, type SourceLook } from './source-look'
import { compareSplits, joinIntegers, splitInName, splitsOf } from './splits'

interface MatGroup {
  readonly file: string
  readonly split?: string
  readonly images: MatVariable
  /** height, width, channels */
  readonly sides: readonly [number, number, number]
  readonly count: number
  readonly labels: LabelArray
  readonly truth?: LabelArray
}

/** SVHN, cropped digits (http://ufldl.stanford.edu/housenumbers): X 32 x 32 x 3 x N, y with 10 for digit 0. */
export const svhnCodec: SourceCodec = {
  format: 'svhn',

  async recognise(look) {
    if (look.kind === 'file') return /\.mat$/i.test(look.path) ? 'a MATLAB file' : undefined
    const file = look.files.find((name) => /\.mat$/i.test(name))
    return file && `a folder with ${file}`
  },

  async open(look) {
    const files =
      look.kind === 'file' ? [path.basename(look.path)] : look.files.filter((name) => /\.mat$/i.test(name))
    if (files.length === 0) {
      throw badInput(`${look.name} holds no train_32x32.mat or test_32x32.mat.`, 'Name a .mat file.')
    }
    const groups: MatGroup[] = []
    for (const file of files) groups.push(await openGroup(look, file))
    groups.sort((a, b) => compareSplits(a.split, b.split))
    const [first, ...rest] = groups
    for (const group of rest) {
      if (first && group.split === first.split) {
        throw badInput(
          `${look.name} holds two sets, ${first.file} and ${group.file}, that cannot be told apart.`,
          'Name one of the files instead of the folder.'
        )
      }
      if (first && first.sides.join() !== group.sides.join()) {
        throw badInput(
          `${nameOf(look, group.file)} holds images of ${group.sides.join(' x ')}, but ${first.file} of ${first.sides.join(' x ')}.`,
          'The splits of a dataset must have images of one size.'
        )
      }
    }
    return new SvhnReader(look, groups)
  }
}

function splitOf(file: string): string | undefined {
  return splitInName(file) ?? (/extra/i.test(file) ? 'extra' : undefined)
}

async function openGroup(look: SourceLook, file: string): Promise<MatGroup> {
  const name = nameOf(look, file)
  const variables = await listMatVariables(pathOf(look, file), name)
  const variable = (wanted: string): MatVariable => {
    const found = variables.find((candidate) => candidate.name === wanted)
    if (found) return found
    const names = variables.map((candidate) => candidate.name).join(', ') || 'none'
    throw badInput(`${name} has no variable ${wanted}; it has ${names}.`, 'SVHN files hold X and y.')
  }
  const images = variable('X')
  const [height = 0, width = 0, channels = 0, count = 1] = images.dims
  if (
    images.type !== 'u1' ||
    images.dims.length < 3 ||
    images.dims.length > 4 ||
    height * width * channels === 0
  ) {
    throw badInput(
      `X in ${name} is ${images.dims.join(' x ')} of type ${images.type ?? 'unknown'}, not height x width x channels x N bytes.`,
      'Save X as uint8 with the examples in the last dimension.'
    )
  }
  requireTrainable([height, width, channels], `X in ${name}`)
  if (images.dataSize !== height * width * channels * count) {
    throw badInput(`X in ${name} is not as large as its dimensions say.`, 'Copy or download it again.')
  }
  const labels = await readLabels(look, file, variable('y'), count)
  const known = variables.find((candidate) => candidate.name === 'true_y')
  const truth = known && (await readLabels(look, file, known, count))
  return { file, split: splitOf(file), images, sides: [height, width, channels], count, labels, truth }
}

async function readLabels(
  look: SourceLook,
  file: string,
  variable: MatVariable,
  count: number
): Promise<LabelArray> {
  const name = nameOf(look, file)
  const found = variable.dims.reduce((length, side) => length * side, 1)
  if (found !== count) {
    throw badInput(
      `${variable.name} in ${name} holds ${found} labels, but X holds ${count} images.`,
      'Save one label for each image.'
    )
  }
  const numbers = await readMatNumbers(pathOf(look, file), name, variable)
  const coder = new LabelCoder(`${variable.name} in ${name}`, count, true)
  for (let i = 0; i < count; i++) coder.add(numbers[i]!)
  return coder.finish()
}

class SvhnReader implements SourceReader {
  readonly facts: SourceFacts
  readonly #shape: ExampleShape
  readonly #examples: SourceExamples

  constructor(
    private readonly look: SourceLook,
    private readonly groups: readonly MatGroup[]
  ) {
    this.#shape = [...(groups[0]?.sides ?? [1, 1, 1])]
    const hasTruth = groups.some((group) => group.truth)
    const arrays = [
      ...groups.map(({ labels }) => labels),
      ...groups.map((group) => group.truth ?? group.labels)
    ]
    const names = readLines(pathOf(look, CLASS_NAMES_FILE))
    const tenIsZero = names === undefined && areDigits(arrays)
    const { classNames, indices, numbered } = indexLabels(
      tenIsZero ? arrays.map(withZero) : arrays,
      tenIsZero ? numberedClassNames(10) : names,
      nameOf(look, CLASS_NAMES_FILE)
    )
    const labels = joinIntegers(indices.slice(0, groups.length))
    const truth = joinIntegers(indices.slice(groups.length))
    this.#examples = {
      labels,
      truth: hasTruth ? truth : undefined,
      classNames,
      splits: splitsOf(groups),
      layout: { groups: groups.map(({ file, split }) => ({ file, split })), numbered, tenIsZero }
    }
    this.facts = {
      count: labels.length,
      shape: this.#shape,
      dtype: 'uint8',
      classNames: this.#examples.classNames,
      splits: this.#examples.splits,
      hasTruth,
      warnings: [],
      files: [...groups.map(({ file }) => file), ...(names ? [CLASS_NAMES_FILE] : [])].map((file) =>
        pathOf(look, file)
      )
    }
  }

  async read(target: ReadTarget): Promise<SourceExamples> {
    const place = (row: number): string => `${this.look.name}, image ${row}`
    const writer = await target.features(this.#shape, 'uint8', place)
    for (const group of this.groups) {
      const size = group.sides.reduce((product, side) => product * side, 1)
      const reader = await this.#openImages(group)
      try {
        for await (const block of rowBlocks(reader, group.count, size, 'images')) {
          await writer.append(toChannelsLast(block, group.sides))
          target.progress(writer.count, this.facts.count, 'reading images')
        }
      } finally {
        reader.close()
      }
    }
    return this.#examples
  }

  #openImages(group: MatGroup): ReturnType<typeof openMatData> {
    return openMatData(pathOf(this.look, group.file), nameOf(this.look, group.file), group.images)
  }

  sample(most: number): Promise<SampleExample[]> {
    return sampleGroups(
      this.groups,
      most,
      (group) => this.#openImages(group),
      async (reader, { sides }) => {
        const size = sides.reduce((product, side) => product * side, 1)
        return toChannelsLast(await reader.read(size), sides)
      },
      { ...this.#examples, shape: this.#shape }
    )
  }

  async close(): Promise<void> {
    // Files are opened for each pass and closed with it.
  }
}

/** SVHN writes the digit 0 as 10, because MATLAB counts from one. */
function areDigits(arrays: readonly LabelArray[]): boolean {
  const texts = new Set(arrays.flatMap((array) => array.texts))
  return texts.has('10') && [...texts].every((text) => Number(text) >= 1 && Number(text) <= 10)
}

function withZero(labels: LabelArray): LabelArray {
  return { ...labels, texts: labels.texts.map((text) => (text === '10' ? '0' : text)) }
}

/** MATLAB's order (rows fastest, then columns, then channels) to rows of pixels, channels last. */
function toChannelsLast(from: Uint8Array, sides: readonly [number, number, number]): Uint8Array {
  const [height, width, channels] = sides
  const size = height * width * channels
  const to = new Uint8Array(from.length)
  for (let image = 0; image < from.length; image += size) {
    let at = image
    for (let c = 0; c < channels; c++) {
      for (let x = 0; x < width; x++) {
        for (let y = 0; y < height; y++) to[image + (y * width + x) * channels + c] = from[at++]!
      }
    }
  }
  return to
}
