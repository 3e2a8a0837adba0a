import { readIntegers, LABELS_FILE } from './store/dataset-folder'
import { contentKeys, nameKeys } from './row-keys'
import type { Keys, Stored } from './row-keys'

/**
 * Which row of a dataset each example of another one is, by what it holds, and where that was edited by its name; -1 where
 * it is none. Of examples that hold the same, those with the same label go together, then the first with the first.
 * @param given what a manifest says, where there is one: it stands unless more rows hold the same otherwise, as where they
 * were put into another order since
 */
export function sameRows(before: Stored, after: Stored, given?: Int32Array): Int32Array {
  const contents = contentKeys(before, after)
  if (given) {
    if (!contents) return given
    const found = matched(before, after, contents)
    return agreeing(contents, found) > agreeing(contents, given) ? withNames(before, after, found) : given
  }
  return withNames(before, after, contents ? matched(before, after, contents) : noRows(after))
}

/** Rows that were found, and those of the others that have a name in common that nothing else has. */
function withNames(before: Stored, after: Stored, found: Int32Array): Int32Array {
  const names = nameKeys(before, after)
  if (!names) return found
  const taken = new Set(found)
  const free = placesByKey(names.before, (row) => !taken.has(row))
  const own = placesByKey(names.after, (row) => found[row]! < 0)
  for (const [key, rows] of own) {
    const parents = free.get(key)
    if (rows.length === 1 && parents?.length === 1) found[rows[0]!] = parents[0]!
  }
  return found
}

function noRows({ meta }: Stored): Int32Array {
  return new Int32Array(meta.count).fill(-1)
}

function matched(before: Stored, after: Stored, keys: Keys): Int32Array {
  const found = noRows(after)
  const labelled = (own: Stored, of: readonly string[]): string[] => {
    const labels = readIntegers(own.folder, LABELS_FILE)
    return of.map((key, row) => `${key} ${own.meta.classNames[labels[row]!] ?? ''}`)
  }
  const taken = new Set<number>()
  const pair = (ofBefore: readonly string[], ofAfter: readonly string[]): void => {
    const free = placesByKey(ofBefore, (row) => !taken.has(row))
    ofAfter.forEach((key, row) => {
      const parent = found[row]! < 0 ? free.get(key)?.shift() : undefined
      if (parent === undefined) return
      found[row] = parent
      taken.add(parent)
    })
  }
  pair(labelled(before, keys.before), labelled(after, keys.after))
  pair(keys.before, keys.after)
  return found
}

function placesByKey(keys: readonly string[], isMeant: (row: number) => boolean): Map<string, number[]> {
  const places = new Map<string, number[]>()
  keys.forEach((key, row) => {
    if (!isMeant(row)) return
    const known = places.get(key)
    if (known) known.push(row)
    else places.set(key, [row])
  })
  return places
}

function agreeing({ before, after }: Keys, rows: Int32Array): number {
  return rows.reduce((sum, parent, row) => sum + Number(parent >= 0 && before[parent] === after[row]), 0)
}
