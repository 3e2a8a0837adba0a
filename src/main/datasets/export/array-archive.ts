import { createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import yazl from 'yazl'
import { fileFailure } from '../bytes/file-failure'
import { bytesOf, npyHeader } from '../bytes/npy'

/** An array in memory, written as numpy reads it. */
export interface NumericArray {
  readonly shape: readonly number[]
  readonly values: Float32Array | Int32Array | Uint8Array
}

/** The bytes of one array as an NPY file: float32, int32 or uint8 in C order. */
export function npyFile({ shape, values }: NumericArray): Buffer {
  const size = shape.reduce((product, side) => product * side, 1)
  if (size !== values.length)
    throw new RangeError(`${values.length} values do not fill [${shape.join(', ')}].`)
  return Buffer.concat([npyHeader(descriptionOf(values), shape), bytesOf(values)])
}

/**
 * Named arrays as one NPZ, not compressed, with a fixed date: the same arrays give the same file. Written
 * beside and renamed.
 */
export async function writeArrays(
  file: string,
  arrays: Readonly<Record<string, NumericArray>>
): Promise<void> {
  const zip = new yazl.ZipFile()
  for (const [name, array] of Object.entries(arrays)) {
    const options = { compress: false, mtime: new Date(Date.UTC(1980, 0, 1)), forceDosTimestamp: true }
    zip.addBuffer(npyFile(array), `${name}.npy`, options)
  }
  zip.end()
  const next = `${file}.next`
  try {
    const output = createWriteStream(next)
    zip.outputStream.pipe(output)
    await finished(output)
    await rename(next, file)
  } catch (error) {
    throw fileFailure(error, file)
  }
}

function descriptionOf(values: NumericArray['values']): string {
  if (values instanceof Float32Array) return '<f4'
  return values instanceof Int32Array ? '<i4' : '|u1'
}
