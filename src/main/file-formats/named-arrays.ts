import { badInput } from '../../shared/domain/failure'
import { npyLength, npyNumbers, readNpyHeader } from './npy'
import { byRow, isByColumn } from './npy-columns'
import { ZipArchive } from './zip-archive'

/** An array of an NPZ, in C order. */
export interface NamedArray {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/**
 * Arrays of an NPZ as float32, by name.
 * @param wanted names of those to read; all where it is left out
 * @throws Failure bad-input for what is no NPZ, and for arrays that hold no numbers
 */
export async function readNamedArrays(
  file: string,
  wanted?: readonly string[]
): Promise<Map<string, NamedArray>> {
  const zip = await ZipArchive.open(file)
  try {
    const arrays = new Map<string, NamedArray>()
    for (const entry of zip.entries) {
      if (!entry.path.endsWith('.npy')) continue
      const name = entry.path.slice(0, -'.npy'.length)
      if (wanted && !wanted.includes(name)) continue
      const reader = await zip.openEntry(entry)
      const header = await readNpyHeader(reader)
      const bytes = await reader.read(npyLength(header) * header.itemSize, 'array')
      reader.close()
      const numbers = npyNumbers(header, isByColumn(header) ? byRow(bytes, header) : bytes)
      if (!numbers) {
        throw badInput(
          `The array ${entry.path} in ${file} holds no numbers (type ${header.type}).`,
          'Save x.astype("float32").'
        )
      }
      const values = Float32Array.from({ length: numbers.length }, (_, i) => Number(numbers[i]))
      arrays.set(name, { shape: header.shape, values })
    }
    if (arrays.size === 0) throw badInput(`${file} is a zip without arrays.`, 'Write it with numpy.savez.')
    return arrays
  } finally {
    await zip.close()
  }
}
