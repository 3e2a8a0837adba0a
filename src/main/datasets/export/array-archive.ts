import { writeAtomically } from '../../files/write-atomically'
import { fileFailure } from '../../file-formats/file-failure'
import { bytesOf, npyHeader } from '../../file-formats/npy'
import { zipBytes } from '../../file-formats/zip-writer'

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
  const members = Object.entries(arrays).map(([name, array]) => {
    const bytes = npyFile(array)
    return { path: `${name}.npy`, size: bytes.length, bytes: () => [bytes] }
  })
  try {
    await writeAtomically(file, zipBytes(members))
  } catch (error) {
    throw fileFailure(error, file)
  }
}

function descriptionOf(values: NumericArray['values']): string {
  if (values instanceof Float32Array) return '<f4'
  return values instanceof Int32Array ? '<i4' : '|u1'
}
