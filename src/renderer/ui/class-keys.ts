/** Keys that pick a class, in the order of the classes: digits first, then letters that mean nothing else. */
const CLASS_KEYS = [...'1234567890', ...'qwerpdfghjklzxcvbnm']

/** Up to so many classes each has a button; of more the likely ones have, and the others are found by typing. */
export const FEW_CLASSES = 12
/** Likely classes that have a button and a digit. */
const MOST_LIKELY = 9

/** The key of each class, the same wherever a class is chosen; digits named 0..9 keep their own. */
export function classKeys(classNames: readonly string[]): readonly (string | undefined)[] {
  if (classNames.length <= 10 && classNames.every((name) => /^\d$/.test(name))) return classNames
  return classNames.map((_, k) => CLASS_KEYS[k])
}

/** A class that has a button, and the key that picks it. */
export interface OfferedClass {
  readonly label: number
  readonly name: string
  readonly key: string | undefined
}

/**
 * The classes that have buttons, in order, with their keys.
 * @param likely where there are many classes: those that come first, by the digits 1 to 9
 */
export function offeredClasses(classNames: readonly string[], likely: readonly number[]): OfferedClass[] {
  const isFew = classNames.length <= FEW_CLASSES
  const keys = classKeys(classNames)
  const labels = isFew ? classNames.map((_, label) => label) : [...new Set(likely)].slice(0, MOST_LIKELY)
  return labels.map((label, i) => ({
    label,
    name: classNames[label] ?? '?',
    key: isFew ? keys[label] : String(i + 1)
  }))
}

/** Places of the classes whose names hold what was typed: those that begin with it first, words of it in any order. */
export function classesNamed(classNames: readonly string[], typed: string): number[] {
  const words = typed
    .toLowerCase()
    .split(/[\s_-]+/)
    .filter(Boolean)
  const first = words[0] ?? ''
  return classNames
    .map((name, label) => ({ label, name: name.toLowerCase() }))
    .filter(({ name }) => words.every((word) => name.includes(word)))
    .sort((a, b) => Number(b.name.startsWith(first)) - Number(a.name.startsWith(first)) || a.label - b.label)
    .map(({ label }) => label)
}
