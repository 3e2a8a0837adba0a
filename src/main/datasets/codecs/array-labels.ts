import { badInput } from '../../../shared/domain/failure'
import { npyLength, npyNumbers, npyStrings, readNpyHeader } from '../bytes/npy'
import type { ArraySource } from './array-source'

/** Labels as they stand in an array: class indices, or class names. */
export type LabelArray = { readonly indices: Int32Array } | { readonly names: readonly string[] }

export function labelCount(labels: LabelArray): number {
  return 'indices' in labels ? labels.indices.length : labels.names.length
}

/** More labels than this would not be a dataset this product can train on. */
const MOST = 1 << 30

/** Read an array of labels: N or N x 1 integers, whole floats, or texts. */
export async function readLabelArray(source: ArraySource, array: string): Promise<LabelArray> {
  const name = source.nameOf(array)
  const reader = await source.open(array)
  try {
    const header = await readNpyHeader(reader)
    const [count = 0, ...others] = header.shape
    if (header.shape.length === 0 || others.some((side) => side !== 1)) {
      throw badInput(
        `${name} has shape (${header.shape.join(', ')}), but labels are one number for each example.`,
        'For one-hot labels, save y.argmax(axis=1).'
      )
    }
    if (header.type.startsWith('O')) {
      throw badInput(
        `${name} holds pickled Python objects, which are not read.`,
        'Save labels as integers (y.astype("int64")) or as texts (y.astype("U")).'
      )
    }
    if (npyLength(header) * header.itemSize > MOST) {
      throw badInput(`${name} claims ${count} labels.`, 'Write it again with numpy.save.')
    }
    const bytes = await reader.read(npyLength(header) * header.itemSize, 'labels')
    if (!(await reader.atEnd())) {
      throw badInput(`${name} goes on after its ${count} labels.`, 'Write it again with numpy.save.')
    }
    const names = npyStrings(header, bytes)
    if (names) return { names }
    const numbers = npyNumbers(header, bytes)
    if (!numbers) {
      throw badInput(
        `${name} has type ${header.type}, which holds no labels.`,
        'Save labels as integers, for example y.astype("int64").'
      )
    }
    return { indices: Int32Array.from(numbers, (value, i) => classIndex(Number(value), i, name)) }
  } finally {
    reader.close()
  }
}

function classIndex(value: number, row: number, name: string): number {
  if (!Number.isInteger(value) || value < 0 || value > 0x7fffffff) {
    throw badInput(
      `${name}: label ${row} is ${value}, which is no class number.`,
      'Number the classes 0, 1, 2, ...'
    )
  }
  return value
}

/** Class names of an array of texts (or of numbers, as texts). */
export async function readNameArray(source: ArraySource, array: string): Promise<string[]> {
  const labels = await readLabelArray(source, array)
  return 'names' in labels ? [...labels.names] : Array.from(labels.indices, String)
}
