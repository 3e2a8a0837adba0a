import path from 'node:path'
import { exampleSize } from '../../../shared/domain/dataset'
import { bytesOf, NPY_HEADER_BYTES, npyHeader, npyTexts } from '../../file-formats/npy'
import { zipBytes } from '../../file-formats/zip-writer'
import type { ExportGroup, ExportSource } from './export-source'
import type { DatasetWriter, WriteTarget } from './dataset-writer'
import { OutputFile } from './output-file'

/** An array as it is written: its name without .npy, and its bytes, header first. */
interface NamedArray {
  readonly name: string
  /** Bytes, header included. */
  readonly size: number
  bytes(): AsyncGenerator<Uint8Array>
}

/** NPZ: x, y, and for other splits x_test, y_test and so on; true_y where the truth is known; class_names. */
export const writeNpz: DatasetWriter = async (source, target) => {
  const { fileName, compressed } = source.layoutFor('npz')
  const file = path.join(target.folder, typeof fileName === 'string' && fileName ? fileName : 'data.npz')
  const members = arraysOf(source, target).map(({ name, size, bytes }) => ({
    path: `${name}.npy`,
    size,
    compress: compressed === true,
    bytes
  }))
  await OutputFile.write(file, async (out) => {
    for await (const piece of zipBytes(members)) await out.write(piece)
  })
  return undefined
}

/** A folder of NPY files with the same names. */
export const writeNpy: DatasetWriter = async (source, target) => {
  for (const array of arraysOf(source, target)) {
    await OutputFile.write(path.join(target.folder, `${array.name}.npy`), async (out) => {
      for await (const bytes of array.bytes()) await out.write(bytes)
    })
  }
  return undefined
}

function arraysOf(source: ExportSource, target: WriteTarget): NamedArray[] {
  const { labels, truth, classNames, classNumbers } = source
  const arrays: NamedArray[] = []
  for (const group of source.groups) {
    const suffix = group.split === undefined || group.split === 'train' ? '' : `_${group.split}`
    const count = group.to - group.from
    const rowBytes = exampleSize(source.shape) * (source.dtype === 'uint8' ? 1 : 4)
    arrays.push({
      name: `x${suffix}`,
      size: NPY_HEADER_BYTES + count * rowBytes,
      bytes: () => features(source, group, target)
    })
    const integers = (name: string, values: Int32Array): NamedArray => ({
      name: `${name}${suffix}`,
      size: NPY_HEADER_BYTES + 8 * count,
      bytes: () => classValues(values.subarray(group.from, group.to), classNumbers)
    })
    arrays.push(integers('y', labels))
    if (truth) arrays.push(integers('true_y', truth))
  }
  if (classNumbers) return arrays
  const texts = npyTexts(classNames)
  arrays.push({
    name: 'class_names',
    size: texts.length,
    bytes: async function* () {
      yield texts
    }
  })
  return arrays
}

async function* features(
  source: ExportSource,
  group: ExportGroup,
  target: WriteTarget
): AsyncGenerator<Uint8Array> {
  const { shape, dtype } = source
  const [meta] = source.selection.metas
  // N x height x width is how most tools keep images of one channel, unless the source had a fourth side.
  const flat = shape.length === 3 && shape[2] === 1 && meta?.layout.dimensions !== 4
  const sides = flat ? [shape[0], shape[1]] : [...shape]
  yield npyHeader(dtype === 'uint8' ? '|u1' : '<f4', [group.to - group.from, ...sides])
  for (const { from, values } of source.blocks(group.from, group.to)) {
    target.progress(from)
    yield bytesOf(values)
  }
}

/** Labels as int64, NumPy's own integer. */
async function* classValues(
  labels: Int32Array,
  numbers: readonly bigint[] | undefined
): AsyncGenerator<Uint8Array> {
  yield npyHeader('<i8', [labels.length])
  const values = new BigInt64Array(labels.length)
  labels.forEach((label, i) => (values[i] = numbers ? numbers[label]! : BigInt(label)))
  yield bytesOf(values)
}
