import type { DatasetSplit } from '../../../shared/domain/dataset'

const ORDER = ['train', 'test', 'val']

/** train before test before val before anything else, else by name. */
export function compareSplits(a: string | undefined, b: string | undefined): number {
  const rank = (name: string | undefined): number => {
    const at = name === undefined ? -1 : ORDER.indexOf(name)
    return at < 0 ? ORDER.length : at
  }
  const byRank = rank(a) - rank(b)
  if (byRank !== 0) return byRank
  return (a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0
}

const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/(^|[^a-z])train(ing)?([^a-z]|$)/i, 'train'],
  [/(^|[^a-z])(t10k|test(ing)?)([^a-z]|$)/i, 'test'],
  [/(^|[^a-z])(val(id(ation)?)?|dev)([^a-z]|$)/i, 'val']
]

/** The split that a file or folder name speaks of: train, test, val or none. */
export function splitInName(name: string): string | undefined {
  return MEANINGS.find(([pattern]) => pattern.test(name))?.[1]
}

const FOLDERS: Readonly<Record<string, string>> = {
  train: 'train',
  training: 'train',
  test: 'test',
  testing: 'test',
  val: 'val',
  valid: 'val',
  validation: 'val',
  dev: 'val'
}

/** The split that a folder is, by its whole name. */
export function splitOfFolder(name: string): string | undefined {
  const key = name.toLowerCase()
  return Object.hasOwn(FOLDERS, key) ? FOLDERS[key] : undefined
}

/** The split that a folder speaks of as a word of its name: seg_train, train_images, val2017. */
export function splitWord(name: string): string | undefined {
  for (const word of name.split(/[-._ 0-9]+/)) {
    const split = splitOfFolder(word)
    if (split !== undefined) return split
  }
  return undefined
}

/** Splits of groups of examples that lie one after the other; groups without a name make none. */
export function splitsOf(
  groups: readonly { readonly split?: string; readonly count: number }[]
): DatasetSplit[] {
  const splits: DatasetSplit[] = []
  let from = 0
  for (const { split, count } of groups) {
    if (split !== undefined) splits.push({ name: split, from, to: from + count })
    from += count
  }
  return splits
}

/** One array from several. */
export function joinIntegers(parts: readonly Int32Array[]): Int32Array {
  const joined = new Int32Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
