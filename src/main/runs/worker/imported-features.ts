import { readNamedArrays } from '../../datasets'
import type { ExampleSelection } from '../../datasets'
import type { GivenFeatures, ImportedFeatures } from '../../../engine/tasks/clean-label/representation'
import { presentRows } from './without-left-out'
import { badInput } from '../../../shared/domain/failure'

/** What --features names: the word "pixels", or a file. @throws Failure bad-input as below */
export async function readGivenFeatures(named: string): Promise<GivenFeatures> {
  return named === 'pixels' ? 'pixels' : readImportedFeatures(named)
}

/** Features by an extractor, in the order of the examples of each role. */
export function extractedFeatures({
  train,
  validation,
  test
}: Readonly<Record<string, ExampleSelection>>): ImportedFeatures {
  const all = (selection: ExampleSelection): Float32Array =>
    selection.readRows(Int32Array.from({ length: selection.count }, (_, row) => row))
  return { width: train!.shape[0], train: all(train!), validation: all(validation!), test: test && all(test) }
}

/** Features of all rows, of those that are present. A file of other counts is left for the task to refuse. */
export function presentFeatures(
  given: GivenFeatures,
  data: Readonly<Partial<Record<'train' | 'validation' | 'test', ExampleSelection>>>
): GivenFeatures {
  if (given === undefined || given === 'pixels') return given
  const { width } = given
  const of = (all: Float32Array, source: ExampleSelection | undefined): Float32Array => {
    const rows = source && presentRows(source)
    if (!rows || all.length !== source.count * width) return all
    const out = new Float32Array(rows.length * width)
    rows.forEach((row, place) => out.set(all.subarray(row * width, (row + 1) * width), place * width))
    return out
  }
  return {
    width,
    train: of(given.train, data.train),
    validation: of(given.validation, data.validation),
    test: given.test && of(given.test, data.test)
  }
}

/**
 * Features computed elsewhere: an NPZ with the arrays `train` and `validation` (and `test`), [examples, width], a
 * row for each example of --train, --validation and --test in their order.
 * @throws Failure bad-input that names the file and the array
 */
async function readImportedFeatures(file: string): Promise<ImportedFeatures> {
  const arrays = await readNamedArrays(file)
  const remedy =
    'Save numpy.savez(file, train=..., validation=...) with one row of features an example, in the order of --train and --validation.'
  let width: number | undefined
  const read = (name: string): Float32Array | undefined => {
    const array = arrays.get(name)
    if (!array) return undefined
    if (array.shape.length !== 2 || array.shape.includes(0)) {
      throw badInput(`"${name}" in ${file} (--features) has shape (${array.shape.join(', ')}).`, remedy)
    }
    width ??= array.shape[1]
    if (array.shape[1] !== width) {
      throw badInput(
        `"${name}" in ${file} (--features) has ${array.shape[1]} features an example, "train" ${width}.`,
        remedy
      )
    }
    if (!array.values.every(Number.isFinite)) {
      throw badInput(`"${name}" in ${file} (--features) holds values that are no finite numbers.`, remedy)
    }
    return array.values
  }
  const train = read('train')
  const validation = read('validation')
  if (!train || !validation) {
    const missing = train ? 'validation' : 'train'
    throw badInput(`${file} (--features) has no array "${missing}".`, remedy)
  }
  return { width: width!, train, validation, test: read('test') }
}
