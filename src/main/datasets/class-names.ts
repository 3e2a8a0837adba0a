import { badInput } from '../../shared/domain/failure'

const INTEGER = /^(0|-?[1-9]\d*)$/

/**
 * Class names in their usual order: numbers by value, anything else by code point (as `sorted` does in
 * Python, so that class folders get the indices other tools give them).
 */
export function sortedClassNames(names: Iterable<string>): string[] {
  const unique = [...new Set(names)]
  if (unique.every((name) => INTEGER.test(name))) return unique.sort(compareIntegers)
  return unique.sort(compareCodePoints)
}

/** Digits beyond 15 are more than a number holds: then by length and place. */
function compareIntegers(a: string, b: string): number {
  const difference = Number(a) - Number(b)
  if (difference !== 0 && !Number.isNaN(difference)) return difference
  return a.length - b.length || compareCodePoints(a, b)
}

/** Whether all classes are called by whole numbers, 0 or more. */
export function areNumbers(names: readonly string[]): boolean {
  return names.every((name) => /^(0|[1-9]\d*)$/.test(name))
}

export function compareCodePoints(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** '0', '1', ... for sources whose labels are numbers without names. */
export function numberedClassNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i))
}

/**
 * See that every label, a class number below 256, has a name.
 * @throws Failure bad-input when a label has no name in the file of names
 */
export function requireNames(labels: readonly Int32Array[], names: readonly string[], file: string): void {
  let largest = -1
  for (const part of labels) for (const label of part) if (label > largest) largest = label
  if (names.length <= largest) {
    throw badInput(
      `${file} names ${names.length} classes, but a label is ${largest}.`,
      'Give one name for each class, beginning with class 0.'
    )
  }
}

/** One spelling for names that differ only in how accents are encoded, as macOS and Linux write one name. */
export function oneSpelling(name: string): string {
  return name.normalize('NFC')
}

/** A sentence for the names that were united by {@link oneSpelling}. */
export function unitedWarnings(names: Iterable<string>): string[] {
  return groupsOf(names, oneSpelling).map(
    ([name]) =>
      `"${oneSpelling(name!)}" is written in two ways (accents composed and apart); it is one class.`
  )
}

/** A sentence for classes that look like one: they differ only in case or blanks, and stay apart. */
export function similarWarnings(classNames: Iterable<string>): string[] {
  const loose = (name: string): string => name.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase()
  return groupsOf(classNames, loose).map(
    (names) =>
      `The classes ${names.map((name) => JSON.stringify(name)).join(' and ')} differ only in case or blanks; they are ${names.length} classes.`
  )
}

/** Names that share a key, where more than one does. */
function groupsOf(names: Iterable<string>, keyOf: (name: string) => string): string[][] {
  const groups = new Map<string, string[]>()
  for (const name of new Set(names)) groups.set(keyOf(name), [...(groups.get(keyOf(name)) ?? []), name])
  return [...groups.values()].filter((group) => group.length > 1)
}
