import { badInput } from '../../../shared/domain/failure'
import { rowBlocks } from '../../file-formats/byte-reader'
import { isNumeric, npyNumbers, npyStrings, readNpyHeader, type NpyHeader } from '../../file-formats/npy'
import type { ArraySource } from './array-source'
import { LabelCoder, requireDifferent, type LabelArray } from './label-array'

/** Bytes of one text; longer ones are no names. */
const LARGEST_TEXT = 1 << 20

/**
 * Read an array of labels: N or N x 1 integers, whole floats, or texts.
 * @param expected how many there must be, as a clause says: "but x holds 10 examples"
 */
export async function readLabelArray(
  source: ArraySource,
  array: string,
  expected?: { readonly count: number; readonly why: string }
): Promise<LabelArray> {
  const name = source.nameOf(array)
  const reader = await source.open(array)
  try {
    const header = await readNpyHeader(reader)
    const count = labelCount(header, name)
    if (expected && expected.count !== count) {
      throw badInput(`${name} holds ${count} labels, ${expected.why}.`, 'Save one label for each example.')
    }
    const isText = header.type.startsWith('U') || header.type.startsWith('S')
    const coder = new LabelCoder(name, count, !isText)
    for await (const block of rowBlocks(reader, count, header.itemSize, 'labels')) {
      const labels = isText ? npyStrings(header, block, name) : (npyNumbers(header, block) ?? [])
      for (let i = 0; i < labels.length; i++) coder.add(labels[i]!)
    }
    if (!(await reader.atEnd())) {
      throw badInput(`${name} goes on after its ${count} labels.`, 'Write it again with numpy.save.')
    }
    return coder.finish()
  } finally {
    reader.close()
  }
}

/** @throws Failure bad-input for what cannot be labels, before anything is read */
function labelCount(header: NpyHeader, name: string): number {
  const [count, ...others] = header.shape
  if (count === undefined || others.some((side) => side !== 1)) {
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
  const isText = /^[US]/.test(header.type) && header.itemSize > 0 && header.itemSize <= LARGEST_TEXT
  if (!isText && !isNumeric(header)) {
    throw badInput(
      `${name} has type ${header.type}, which holds no labels.`,
      'Save labels as integers, for example y.astype("int64").'
    )
  }
  return count
}

/** Class names of an array of texts (or of numbers, as texts). */
export async function readNameArray(source: ArraySource, array: string): Promise<string[]> {
  const { codes, texts } = await readLabelArray(source, array)
  const names = Array.from(codes, (code) => texts[code]!)
  requireDifferent(names, source.nameOf(array))
  return names
}
