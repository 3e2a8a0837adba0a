import { badInput } from '../../../shared/domain/failure'
import type { ExampleShape } from '../../../shared/domain/dataset'
import { ByteReader, rowBlocks } from '../../file-formats/byte-reader'
import { numberedClassNames, requireNames } from '../class-names'
import {
  CIFAR_PIXELS,
  CIFAR_SIDE,
  cifarBatches,
  cifarFiles,
  cifarVariant,
  labelBytes,
  type CifarBatch,
  type CifarVariant
} from './cifar-files'
import type {
  ReadTarget,
  SampleExample,
  SourceCodec,
  SourceExamples,
  SourceFacts,
  SourceReader
} from './codec'
import { readLines } from './idx-codec'
import { readIdxLabels } from './idx-header'
import { indexLabels, requireDifferent, type LabelArray } from './label-array'
import { nameOf, pathOf, type SourceLook } from './source-look'
import { splitsOf } from './splits'

const SHAPE: ExampleShape = [CIFAR_SIDE, CIFAR_SIDE, 3]

export const CIFAR_CLASSES: Readonly<Record<CifarVariant, string>> = {
  'cifar-10': 'batches.meta.txt',
  'cifar-100': 'fine_label_names.txt'
}
export const CIFAR_COARSE_CLASSES = 'coarse_label_names.txt'

/** True labels of a split, beside the batches. */
export function cifarTruthFile(split: string): string {
  return `${split}-true-labels-idx1-ubyte`
}

/** CIFAR-10 and CIFAR-100, binary version (https://www.cs.toronto.edu/~kriz/cifar.html). */
export const cifarCodec: SourceCodec = {
  format: 'cifar',

  async recognise(look) {
    if (look.kind === 'folder') {
      const [file] = cifarFiles(look)
      return file && `a folder with ${file}`
    }
    if (!/\.bin$/i.test(look.path)) return undefined
    const variant = cifarVariant(look, cifarFiles(look))
    return variant && `a file of ${variant} records`
  },

  async open(look) {
    if (look.kind === 'folder' && look.files.includes('data_batch_1')) {
      throw badInput(
        `${look.name} is the Python version of CIFAR, whose pickles are not read.`,
        'Download the binary version.'
      )
    }
    const { variant, batches } = cifarBatches(look)
    const truth: LabelArray[] = []
    const truthFiles: string[] = []
    for (const split of ['train', 'test']) {
      const file = cifarTruthFile(split)
      const count = batches.reduce((sum, batch) => sum + (batch.split === split ? batch.count : 0), 0)
      if (!look.files.includes(file) || count === 0) continue
      truth[split === 'train' ? 0 : 1] = await readIdxLabels(pathOf(look, file), nameOf(look, file), {
        count,
        why: `but the ${split} batches hold ${count} images`,
        remedy: 'Use the true labels that belong to these batches.'
      })
      truthFiles.push(file)
    }
    return new CifarReader(look, variant, batches, truth, truthFiles)
  }
}

class CifarReader implements SourceReader {
  readonly facts: SourceFacts
  readonly #names: string[] | undefined
  readonly #nameFile: string

  constructor(
    private readonly look: SourceLook,
    private readonly variant: CifarVariant,
    private readonly batches: readonly CifarBatch[],
    private readonly truth: readonly LabelArray[],
    truthFiles: readonly string[]
  ) {
    this.#nameFile = CIFAR_CLASSES[variant]
    const nameFiles = [this.#nameFile, CIFAR_COARSE_CLASSES].filter((file) => look.files.includes(file))
    this.#names = readLines(pathOf(look, this.#nameFile))
    const count = batches.reduce((sum, batch) => sum + batch.count, 0)
    this.facts = {
      count,
      shape: SHAPE,
      dtype: 'uint8',
      classNames: this.#names ?? [],
      splits: this.#splits(),
      hasTruth: truth.length > 0,
      warnings: this.#names ? [] : [`${this.#nameFile} is missing: classes are called by their numbers.`],
      files: [...batches.map(({ file }) => file), ...nameFiles, ...truthFiles].map((file) =>
        pathOf(look, file)
      )
    }
  }

  #splits(): ReturnType<typeof splitsOf> {
    const counts = new Map<string, number>()
    for (const { split, count } of this.batches) {
      if (split !== undefined) counts.set(split, (counts.get(split) ?? 0) + count)
    }
    return splitsOf([...counts].map(([split, count]) => ({ split, count })))
  }

  async read(target: ReadTarget): Promise<SourceExamples> {
    const { count } = this.facts
    const labels = new Int32Array(count)
    const coarse = new Int32Array(count)
    const prefix = labelBytes(this.variant)
    const record = CIFAR_PIXELS + prefix
    const writer = await target.features(SHAPE, 'uint8', (row) => `${this.look.name}, image ${row}`)
    for (const batch of this.batches) {
      const reader = await ByteReader.openFile(pathOf(this.look, batch.file), nameOf(this.look, batch.file))
      try {
        for await (const block of rowBlocks(reader, batch.count, record, 'images')) {
          const rows = block.length / record
          const pixels = new Uint8Array(rows * CIFAR_PIXELS)
          for (let i = 0; i < rows; i++) {
            coarse[writer.count + i] = block[i * record]!
            labels[writer.count + i] = block[i * record + prefix - 1]!
            planesToPixels(block, i * record + prefix, pixels, i * CIFAR_PIXELS)
          }
          await writer.append(pixels)
          target.progress(writer.count, count, 'reading images')
        }
      } finally {
        reader.close()
      }
    }
    return this.#examples(labels, coarse)
  }

  #examples(labels: Int32Array, coarse: Int32Array): SourceExamples {
    const classNames = this.#names ?? numberedClassNames(this.variant === 'cifar-10' ? 10 : 100)
    const place = this.#names ? nameOf(this.look, this.#nameFile) : `${this.look.name} (${this.variant})`
    requireDifferent(classNames, place)
    requireNames([labels], classNames, place)
    const truth = this.#truth(labels, classNames, place)
    const coarseNames = readLines(pathOf(this.look, CIFAR_COARSE_CLASSES))
    const coarseOfFine =
      this.variant === 'cifar-100' ? coarseByFine(labels, coarse, classNames.length) : undefined
    return {
      labels,
      truth,
      classNames,
      splits: this.facts.splits,
      layout: { variant: this.variant, batches: this.batches, coarseOfFine, coarseNames }
    }
  }

  #truth(labels: Int32Array, classNames: readonly string[], place: string): Int32Array | undefined {
    if (this.truth.length === 0) return undefined
    const truth = labels.slice()
    for (const { name, from } of this.facts.splits) {
      const known = this.truth[name === 'train' ? 0 : 1]
      if (known) truth.set(indexLabels([known], classNames, place).indices[0]!, from)
    }
    return truth
  }

  async sample(most: number): Promise<SampleExample[]> {
    const samples: SampleExample[] = []
    const prefix = labelBytes(this.variant)
    for (const batch of this.batches) {
      const reader = await ByteReader.openFile(pathOf(this.look, batch.file), nameOf(this.look, batch.file))
      try {
        const wanted = Math.min(batch.count, Math.max(1, Math.floor(most / this.batches.length)))
        for (let i = 0; i < wanted && samples.length < most; i++) {
          const record = await reader.read(CIFAR_PIXELS + prefix, 'images')
          const features = new Uint8Array(CIFAR_PIXELS)
          planesToPixels(record, prefix, features, 0)
          const label = record[prefix - 1]!
          samples.push({
            features,
            shape: SHAPE,
            label: this.#names?.[label] ?? String(label),
            split: batch.split
          })
        }
      } finally {
        reader.close()
      }
    }
    return samples
  }

  async close(): Promise<void> {
    // Files are opened for each pass and closed with it.
  }
}

/** Three planes of 1024 bytes, as CIFAR stores them, to channels last. */
function planesToPixels(from: Uint8Array, at: number, to: Uint8Array, target: number): void {
  const plane = CIFAR_PIXELS / 3
  for (let i = 0; i < plane; i++) {
    to[target + 3 * i] = from[at + i]!
    to[target + 3 * i + 1] = from[at + plane + i]!
    to[target + 3 * i + 2] = from[at + 2 * plane + i]!
  }
}

/** The coarse class of each fine class, where the labels allow only one; undefined where they contradict. */
function coarseByFine(fine: Int32Array, coarse: Int32Array, classes: number): number[] | undefined {
  const found = new Array<number>(classes).fill(-1)
  for (let i = 0; i < fine.length; i++) {
    const known = found[fine[i]!]
    if (known !== -1 && known !== coarse[i]) return undefined
    found[fine[i]!] = coarse[i]!
  }
  return found.map((value) => Math.max(0, value))
}
