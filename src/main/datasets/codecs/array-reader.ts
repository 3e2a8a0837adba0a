import path from 'node:path'
import type { ExampleShape } from '../../../shared/domain/dataset'
import { badInput } from '../../../shared/domain/failure'
import { rowBlocks, type ByteReader } from '../../file-formats/byte-reader'
import { isNumeric, npyNumbers, readNpyHeader, type NpyHeader } from '../../file-formats/npy'
import { readerByRow, requireTransposable } from '../../file-formats/npy-columns'
import { requireTrainable } from '../example-size'
import type { FeatureType } from '../store/feature-writer'
import { readLabelArray, readNameArray } from './array-labels'
import { arrayGroups, classNameArray, namelessWarning, unusedArrays, type ArrayGroup } from './array-roles'
import type { ArraySource } from './array-source'
import type { ReadTarget, SampleExample, SourceExamples, SourceFacts, SourceReader } from './codec'
import { sampleGroups } from './sample-groups'
import { indexLabels, type LabelArray } from './label-array'
import { joinIntegers, splitsOf } from './splits'

interface OpenGroup extends ArrayGroup {
  readonly header: NpyHeader
  readonly count: number
  readonly shape: ExampleShape
  readonly labels: LabelArray
  readonly truthLabels?: LabelArray
}

/** Open the arrays of an NPZ or of a folder of NPY files as a dataset. */
export async function openArrays(source: ArraySource, name: string): Promise<SourceReader> {
  try {
    const groups: OpenGroup[] = []
    for (const group of arrayGroups(source, name)) groups.push(await openGroup(source, group))
    const [first, second] = groups
    if (first && second && first.shape.join() !== second.shape.join()) {
      throw badInput(
        `${source.nameOf(second.x)} holds examples of ${second.shape.join(' x ')}, but ${first.x} of ${first.shape.join(' x ')}.`,
        'The splits of a dataset must have examples of one size.'
      )
    }
    const namesArray = classNameArray(source)
    const classNames = namesArray === undefined ? undefined : await readNameArray(source, namesArray)
    const dtype = await featureType(source, groups)
    return new ArrayReader(source, name, groups, dtype, classNames)
  } catch (error) {
    await source.close()
    throw error
  }
}

async function openGroup(source: ArraySource, group: ArrayGroup): Promise<OpenGroup> {
  const name = source.nameOf(group.x)
  const reader = await source.open(group.x)
  try {
    const header = await readNpyHeader(reader)
    const shape = featureShape(header, name)
    const count = header.shape[0] ?? 0
    const expected = { count, why: `but ${group.x} holds ${count} examples` }
    const counted = (array: string): Promise<LabelArray> => readLabelArray(source, array, expected)
    return {
      ...group,
      header,
      count,
      shape,
      labels: await counted(group.y),
      truthLabels: group.truth === undefined ? undefined : await counted(group.truth)
    }
  } finally {
    reader.close()
  }
}

function featureShape(header: NpyHeader, name: string): ExampleShape {
  if (!isNumeric(header)) {
    throw badInput(
      `${name} has type ${header.type}, which holds no features.`,
      'Save features as uint8 (pixels) or float32, for example x.astype("float32").'
    )
  }
  requireTransposable(header, name)
  const [count, a, b, c, ...more] = header.shape
  if (count === undefined || a === undefined || more.length > 0 || header.shape.includes(0)) {
    throw badInput(
      `${name} has shape (${header.shape.join(', ')}), which is no set of examples.`,
      'Save N x features, N x height x width, or N x height x width x channels.'
    )
  }
  requireTrainable(header.shape.slice(1), name)
  if (b === undefined) return [a]
  if (c !== undefined && c > 4 && a <= 4) {
    throw badInput(
      `${name} has shape (${header.shape.join(', ')}), with the channels first.`,
      'Save numpy.transpose(x, (0, 2, 3, 1)), with the channels last.'
    )
  }
  return [a, b, c ?? 1]
}

/** Bytes stay bytes; wider integers too where they are images within 0..255; everything else is float32. */
async function featureType(source: ArraySource, groups: readonly OpenGroup[]): Promise<FeatureType> {
  if (groups.every(({ header }) => header.type === 'u1')) return 'uint8'
  for (const group of groups) {
    if (group.header.type === 'u1') continue
    if (!/^[ui]/.test(group.header.type) || group.shape.length === 1) return 'float32'
    const reader = await openData(source, group)
    try {
      for await (const block of rowBlocks(reader, group.count, rowBytes(group), 'examples')) {
        const numbers = npyNumbers(group.header, block) ?? []
        for (let i = 0; i < numbers.length; i++) {
          if (numbers[i]! < 0 || numbers[i]! > 255) return 'float32'
        }
      }
    } finally {
      reader.close()
    }
  }
  return 'uint8'
}

function rowBytes(group: OpenGroup): number {
  return group.shape.reduce<number>((size, side) => size * side, group.header.itemSize)
}

async function openData(source: ArraySource, group: OpenGroup): Promise<ByteReader> {
  const reader = await source.open(group.x)
  return readerByRow(reader, await readNpyHeader(reader))
}

class ArrayReader implements SourceReader {
  readonly facts: SourceFacts
  readonly #examples: SourceExamples

  constructor(
    private readonly source: ArraySource,
    name: string,
    private readonly groups: readonly OpenGroup[],
    private readonly dtype: FeatureType,
    classNames: readonly string[] | undefined
  ) {
    const unused = unusedArrays(source, groups)
    const indexed = indexGroups(groups, classNames, name)
    this.#examples = {
      labels: indexed.labels,
      truth: indexed.truth,
      classNames: indexed.classNames,
      splits: splitsOf(groups),
      layout: {
        compressed: source.compressed,
        fileName: path.basename(source.files[0] ?? ''),
        dimensions: groups[0]?.header.shape.length,
        numbered: indexed.numbered,
        arrays: groups.map(({ split, x, y, truth, count }) => ({ split, x, y, truth, count }))
      }
    }
    this.facts = {
      count: this.#examples.labels.length,
      shape: groups[0]?.shape,
      dtype,
      classNames: indexed.classNames,
      splits: this.#examples.splits,
      hasTruth: indexed.truth !== undefined,
      warnings: [...namelessWarning(groups), ...unusedWarning(unused)],
      files: source.files
    }
  }

  async read(target: ReadTarget): Promise<SourceExamples> {
    const shape = this.facts.shape ?? [1]
    let group = this.groups[0]
    let before = 0
    const place = (row: number, column: number): string =>
      `${this.source.nameOf(group?.x ?? 'x')}, row ${row - before}, value ${column}`
    const writer = await target.features(shape, this.dtype, place)
    for (group of this.groups) {
      before = writer.count
      const reader = await openData(this.source, group)
      try {
        for await (const block of rowBlocks(reader, group.count, rowBytes(group), 'examples')) {
          await writer.append(this.#values(group.header, block))
          target.progress(writer.count, this.facts.count, 'reading examples')
        }
        if (!(await reader.atEnd())) {
          throw badInput(
            `${reader.name} goes on after its ${group.count} examples.`,
            'Write it again with numpy.save.'
          )
        }
      } finally {
        reader.close()
      }
    }
    return this.#examples
  }

  #values(header: NpyHeader, block: Buffer): Uint8Array | Float32Array {
    const numbers = npyNumbers(header, block) ?? []
    const Wanted = this.dtype === 'uint8' ? Uint8Array : Float32Array
    if (numbers instanceof Wanted) return numbers
    const values = new Wanted(numbers.length)
    for (let i = 0; i < values.length; i++) values[i] = Number(numbers[i])
    return values
  }

  sample(most: number): Promise<SampleExample[]> {
    return sampleGroups(
      this.groups,
      most,
      (group) => openData(this.source, group),
      async (reader, group) =>
        this.#values(group.header, await reader.read(rowBytes(group), 'examples')).slice(),
      { ...this.#examples, shape: this.groups[0]!.shape }
    )
  }

  async close(): Promise<void> {
    await this.source.close()
  }
}

function unusedWarning(unused: readonly string[]): string[] {
  return unused.length > 0 ? [`These arrays are not used: ${unused.join(', ')}.`] : []
}

/** Labels and truth of all splits as indices into one list of classes. */
function indexGroups(
  groups: readonly OpenGroup[],
  given: readonly string[] | undefined,
  name: string
): { labels: Int32Array; truth?: Int32Array; classNames: readonly string[]; numbered: boolean } {
  const { length } = groups
  const truths = groups.map(({ labels, truthLabels }) => truthLabels ?? labels)
  const { classNames, indices, numbered } = indexLabels(
    [...groups.map(({ labels }) => labels), ...truths],
    given,
    name
  )
  return {
    labels: joinIntegers(indices.slice(0, length)),
    truth: groups.some(({ truthLabels }) => truthLabels) ? joinIntegers(indices.slice(length)) : undefined,
    classNames,
    numbered
  }
}
