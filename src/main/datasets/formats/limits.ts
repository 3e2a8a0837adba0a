import { badInput, type Failure } from '../../../shared/domain/failure'
import type { DatasetFormat } from '../../../shared/domain/dataset'
import { splitInName } from '../codecs/splits'
import { tidyName } from '../codecs/table-labels'
import type { ExampleSelection } from '../example-selection'

// What several formats cannot hold, each with what to do instead.

/** A file whose classes are numbers of one byte. */
export function byteClassLimit({ classNames }: ExampleSelection, name: string): Failure | undefined {
  if (classNames.length <= 256) return undefined
  return badInput(`${name} holds 256 classes at most, not ${classNames.length}.`, 'Export as npz instead.')
}

/** Pixels of one byte. */
export function byteLimit(selection: ExampleSelection, format: DatasetFormat): Failure | undefined {
  const isUnit = selection.metas.every(({ dtype: type, layout }) => {
    const range = layout.range as { min: number; max: number } | undefined
    return type === 'uint8' || (range !== undefined && range.min >= 0 && range.max <= 1)
  })
  if (selection.dtype === 'uint8' || isUnit) return undefined
  return badInput(
    `Features outside 0..1 cannot be written as ${format}, which holds bytes.`,
    'Export as npz instead.'
  )
}

/**
 * Splits that file names tell.
 * @param readable whether a reader finds this split again
 */
export function splitLimit(
  selection: ExampleSelection,
  format: DatasetFormat,
  splits: readonly string[],
  readable = (split: string): boolean => splitInName(split) === split
): Failure | undefined {
  // What came from files of this format goes back into such files.
  const lost = selection.format === format ? undefined : splits.find((split) => !readable(split))
  if (lost === undefined) return undefined
  return badInput(
    `Files of the format ${format} cannot say that examples belong to the split "${lost}".`,
    'Export as npz instead, or one split at a time.'
  )
}

/** Class names in a list, one a line. */
export function lineNameLimit({ classNames }: ExampleSelection): Failure | undefined {
  const lost = classNames.find((name) => name !== name.trim() || /[\r\n]/.test(name) || name === '')
  if (lost === undefined) return undefined
  return badInput(
    `A list of names, one a line, cannot hold the class ${JSON.stringify(lost)}.`,
    'Export as npz instead.'
  )
}

/** Class names that a reader tidies: no two may become one. */
export function tidyNameLimit(
  { classNames }: ExampleSelection,
  format: DatasetFormat,
  read: (name: string) => string = tidyName
): Failure | undefined {
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
