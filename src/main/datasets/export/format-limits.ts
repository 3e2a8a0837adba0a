import type { DatasetFormat } from '../../../shared/domain/dataset'
import { badInput, type Failure } from '../../../shared/domain/failure'
import { splitInName, splitWord } from '../codecs/splits'
import { spelling, tidyName } from '../codecs/table-labels'
import type { ExampleSelection } from '../example-selection'
import { classFolder } from './image-paths'

/** Classes of a label column beyond which it is taken for measurements. */
const MOST_COLUMN_CLASSES = 256

/**
 * Why a format cannot hold these data so that they read back as they are; undefined when it can.
 * @param splits of the data
 */
export function whyNot(
  selection: ExampleSelection,
  format: DatasetFormat,
  splits: readonly string[]
): Failure | undefined {
  return (
    shapeLimit(selection, format) ?? splitLimit(selection, format, splits) ?? nameLimit(selection, format)
  )
}

/** A class name as a reader of this format takes it: which of several spellings it is does not matter. */
export function nameReader(format: DatasetFormat, names: readonly string[]): (name: string) => string {
  if (format !== 'table') return tidyName
  const spell = spelling(names.map(tidyName))
  return (name) => spell(tidyName(name))
}

function shapeLimit(selection: ExampleSelection, format: DatasetFormat): Failure | undefined {
  const { shape, dtype, classNames } = selection
  const [height, width, channels] = shape
  const isImage = shape.length === 3
  const sides = shape.join(' x ')
  if (format === 'images' && !(isImage && (channels === 1 || channels === 3))) {
    const remedy = isImage ? 'Export as npz instead.' : 'Export as table or npz instead.'
    return badInput(`Examples of ${sides} are no pictures.`, remedy)
  }
  if (format === 'svhn' && !isImage) {
    return badInput(`SVHN holds images, not examples of ${sides}.`, 'Export as table instead.')
  }
  if (format === 'cifar' && !(isImage && height === 32 && width === 32 && channels === 3)) {
    return badInput(
      `CIFAR holds images of 32 x 32 x 3, not examples of ${sides}.`,
      'Export as npz or images instead.'
    )
  }
  if (format !== 'images' && format !== 'svhn' && format !== 'cifar') return undefined
  if (format !== 'images' && classNames.length > 256) {
    const name = format === 'cifar' ? 'CIFAR' : 'SVHN'
    return badInput(`${name} holds 256 classes at most, not ${classNames.length}.`, 'Export as npz instead.')
  }
  const isUnit = selection.metas.every(({ dtype: type, layout }) => {
    const range = layout.range as { min: number; max: number } | undefined
    return type === 'uint8' || (range !== undefined && range.min >= 0 && range.max <= 1)
  })
  if (dtype === 'uint8' || isUnit) return undefined
  return badInput(
    `Features outside 0..1 cannot be written as ${format}, which holds bytes.`,
    'Export as npz instead.'
  )
}

function splitLimit(
  selection: ExampleSelection,
  format: DatasetFormat,
  splits: readonly string[]
): Failure | undefined {
  // What came from files of this format goes back into such files.
  if (format === 'npz' || format === 'npy' || selection.format === format) return undefined
  const readable = (split: string): boolean => {
    if (format === 'images')
      return classFolder(split) === split && (splitWord(split) ?? split) === split && !split.includes('/')
    return splitInName(split) === split && (format !== 'cifar' || split !== 'val')
  }
  const lost = splits.find((split) => !readable(split))
  if (lost === undefined) return undefined
  return badInput(
    `Files of the format ${format} cannot say that examples belong to the split "${lost}".`,
    'Export as npz instead, or one split at a time.'
  )
}

function nameLimit({ classNames, count }: ExampleSelection, format: DatasetFormat): Failure | undefined {
  if (format === 'npz' || format === 'npy') return undefined
  if (format !== 'table' && format !== 'images') {
    const lost = classNames.find((name) => name !== name.trim() || /[\r\n]/.test(name) || name === '')
    if (lost === undefined) return undefined
    return badInput(
      `A list of names, one a line, cannot hold the class ${JSON.stringify(lost)}.`,
      'Export as npz instead.'
    )
  }
  const different = classNames.length
  if (format === 'table' && different > MOST_COLUMN_CLASSES && different > count / 2) {
    return badInput(
      `A column of ${different} different labels in ${count} rows is not read as classes.`,
      'Export as npz instead.'
    )
  }
  const read = nameReader(format, classNames)
  const first = new Map<string, string>()
  for (const name of classNames) {
    const other = first.get(read(name))
    if (other !== undefined || read(name) === '') {
      const which =
        other === undefined ? 'is empty' : `and ${JSON.stringify(other)} are one class to a reader`
      return badInput(
        `The name ${JSON.stringify(name)} ${which} of the format ${format}.`,
        'Export as npz instead.'
      )
    }
    first.set(read(name), name)
  }
  return undefined
}
