import type { ExampleSelection } from '../datasets'
import { writeAtomically } from '../files/write-atomically'
import { fileFailure } from '../file-formats/file-failure'
import { bytesOf, npyHeader, npyTexts } from '../file-formats/npy'
import { zipBytes, type ZipMember } from '../file-formats/zip-writer'

/** Values written at a time. */
const BLOCK_VALUES = 1 << 20

/**
 * Features as an NPZ that this program and numpy read: x, y, class_names, true_y where known, files where they have
 * names. Memory holds a block of them.
 * @throws Failure of the file
 */
export async function writeFeatures(file: string, features: ExampleSelection): Promise<void> {
  const { count, shape, labels, truth, classNames, files } = features
  const width = shape[0]
  const members = [
    member('x', npyHeader('<f4', [count, width]), 4 * count * width, () => blocksOf(features, width)),
    integers('y', labels),
    texts('class_names', classNames),
    ...(truth ? [integers('true_y', truth)] : []),
    ...(files ? [texts('files', files)] : [])
  ]
  try {
    await writeAtomically(file, zipBytes(members))
  } catch (error) {
    throw fileFailure(error, file)
  }
}

function* blocksOf(features: ExampleSelection, width: number): Generator<Uint8Array> {
  const rows = Math.max(1, Math.floor(BLOCK_VALUES / width))
  for (let from = 0; from < features.count; from += rows) {
    const length = Math.min(rows, features.count - from)
    yield bytesOf(features.readRows(Int32Array.from({ length }, (_, i) => from + i)))
  }
}

function member(name: string, header: Buffer, size: number, bytes: () => Iterable<Uint8Array>): ZipMember {
  return {
    path: `${name}.npy`,
    size: header.length + size,
    *bytes() {
      yield header
      yield* bytes()
    }
  }
}

function integers(name: string, values: Int32Array): ZipMember {
  return member(name, npyHeader('<i4', [values.length]), 4 * values.length, () => [bytesOf(values)])
}

function texts(name: string, values: readonly string[]): ZipMember {
  const bytes = npyTexts(values)
  return { path: `${name}.npy`, size: bytes.length, bytes: () => [bytes] }
}
