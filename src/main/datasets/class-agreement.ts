import { badInput } from '../../shared/domain/failure'
import { areNumbers, sortedClassNames } from './class-names'

/** A list of classes and what it belongs to. */
export interface NamedClasses {
  readonly name: string
  readonly classNames: readonly string[]
}

/**
 * The list that holds the classes of all: the longest, when every other is a part of it (a small slice may
 * lack a class); numbers are joined by value, since a file only tells those that occur in it.
 * @throws Failure bad-input naming two that disagree
 */
export function commonClasses(lists: readonly NamedClasses[]): readonly string[] {
  let widest = lists[0]
  for (const list of lists) if (widest && list.classNames.length > widest.classNames.length) widest = list
  if (!widest) return []
  if (lists.every(({ classNames }) => areNumbers(classNames))) {
    const all = new Set(lists.flatMap(({ classNames }) => classNames))
    return all.size === widest.classNames.length ? widest.classNames : sortedClassNames(all)
  }
  const known = new Set(widest.classNames)
  for (const { name, classNames } of lists) {
    const extra = classNames.find((className) => !known.has(className))
    if (extra !== undefined) {
      throw badInput(
        `${name} and ${widest.name} have different classes: "${extra}" is only in ${name}.`,
        `Use data with the same classes (${widest.name} has ${shown(widest.classNames)}).`
      )
    }
  }
  return widest.classNames
}

function shown(names: readonly string[]): string {
  return names.length > 10 ? `${names.slice(0, 10).join(', ')}, ...` : names.join(', ')
}

/** Labels of one list of classes as labels of another that holds it. */
export function remapLabels(labels: Int32Array, from: readonly string[], to: readonly string[]): Int32Array {
  if (from.every((name, i) => name === to[i])) return labels
  const place = new Map(to.map((name, i) => [name, i]))
  const map = from.map((name) => place.get(name) ?? 0)
  return labels.map((label) => map[label]!)
}
