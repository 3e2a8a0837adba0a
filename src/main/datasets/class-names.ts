import { badInput } from '../../shared/domain/failure'

const INTEGER = /^(0|-?[1-9]\d*)$/

/**
 * Class names in their usual order: numbers by value, anything else by code point (as `sorted` does in
 * Python, so that class folders get the indices other tools give them).
 */
export function sortedClassNames(names: Iterable<string>): string[] {
  const unique = [...new Set(names)]
  if (unique.every((name) => INTEGER.test(name))) return unique.sort((a, b) => Number(a) - Number(b))
  return unique.sort(compareCodePoints)
}

export function compareCodePoints(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** '0', '1', ... for sources whose labels are numbers without names. */
export function numberedClassNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i))
}

/**
 * Classes for these labels: the names given, or numbers up to the largest label.
 * @throws Failure bad-input when a label has no name in the file of names
 */
export function namesForLabels(
  labels: readonly Int32Array[],
  given: readonly string[] | undefined,
  file: string
): string[] {
  let largest = -1
  for (const part of labels) for (const label of part) if (label > largest) largest = label
  if (given === undefined) return numberedClassNames(largest + 1)
  if (given.length <= largest) {
    throw badInput(
      `${file} names ${given.length} classes, but a label is ${largest}.`,
      'Give one name for each class, beginning with class 0.'
    )
  }
  return [...given]
}
