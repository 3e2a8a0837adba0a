import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import yazl from 'yazl'
import { bytesOf, npyHeader, npyTexts } from '../bytes/npy'
import { fileFailure } from '../bytes/file-failure'
import type { ExportGroup, ExportSource } from './export-source'
import type { DatasetWriter, WriteTarget } from './export-types'
import { OutputFile } from './output-file'

/** An array as it is written: its name without .npy, and its bytes, header first. */
interface NamedArray {
  readonly name: string
  bytes(): AsyncGenerator<Uint8Array>
}

/** NPZ: x, y, and for other splits x_test, y_test and so on; true_y where the truth is known; class_names. */
export const writeNpz: DatasetWriter = async (source, target) => {
  const { fileName, compressed } = source.layoutFor('npz')
  const file = path.join(target.folder, typeof fileName === 'string' && fileName ? fileName : 'data.npz')
  const zip = new yazl.ZipFile()
  const output = createWriteStream(file)
  const failed = new Promise<never>((_, reject) => zip.on('error', reject))
  zip.outputStream.pipe(output)
  for (const array of arraysOf(source, target)) {
    // A fixed date: the same data gives the same file.
    const options = {
      compress: compressed === true,
      mtime: new Date(Date.UTC(1980, 0, 1)),
      forceDosTimestamp: true
    }
    zip.addReadStreamLazy(`${array.name}.npy`, options, (give) => give(null, Readable.from(array.bytes())))
  }
  zip.end()
  try {
    await Promise.race([finished(output), failed])
  } catch (error) {
    output.destroy()
    throw fileFailure(error, file)
  }
  return undefined
}

/** A folder of NPY files with the same names. */
export const writeNpy: DatasetWriter = async (source, target) => {
  for (const array of arraysOf(source, target)) {
    const out = new OutputFile(path.join(target.folder, `${array.name}.npy`))
    for await (const bytes of array.bytes()) await out.write(bytes)
    await out.finish()
  }
  return undefined
}

function arraysOf(source: ExportSource, target: WriteTarget): NamedArray[] {
  const { labels, truth, classNames } = source
  const arrays: NamedArray[] = []
  for (const group of source.groups) {
    const suffix = group.split === undefined || group.split === 'train' ? '' : `_${group.split}`
    arrays.push({ name: `x${suffix}`, bytes: () => features(source, group, target) })
    arrays.push({ name: `y${suffix}`, bytes: () => indices(labels.subarray(group.from, group.to)) })
    if (truth) {
      arrays.push({ name: `true_y${suffix}`, bytes: () => indices(truth.subarray(group.from, group.to)) })
    }
  }
  arrays.push({
    name: 'class_names',
    bytes: async function* () {
      yield npyTexts(classNames)
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
async function* indices(labels: Int32Array): AsyncGenerator<Uint8Array> {
  yield npyHeader('<i8', [labels.length])
  yield bytesOf(BigInt64Array.from(labels, BigInt))
}
