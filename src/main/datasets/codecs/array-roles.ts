import { badInput } from '../../../shared/domain/failure'
import type { ArraySource } from './array-source'
import { compareSplits } from './splits'

/** Arrays of one split, by name in the source. */
export interface ArrayGroup {
  readonly split: string
  readonly x: string
  readonly y: string
  readonly truth?: string
}

type Role = 'x' | 'y' | 'truth'

/** Words that other tools call features and labels by, the product's own first. */
const FEATURES = ['x', 'images', 'image', 'imgs', 'features', 'feature', 'data', 'inputs', 'input']
const LABELS = ['y', 'labels', 'label', 'targets', 'target']
const TRUE = ['true']
const CLASS_NAME_ARRAYS = ['class_names', 'classes', 'label_names', 'target_names']
/** poisoning-benchmark's names. */
const ALIASES: Readonly<Record<string, string>> = {
  poisoned_training_data: 'data',
  poisoned_training_labels: 'labels'
}
const SPLITS: Readonly<Record<string, string>> = { training: 'train', testing: 'test' }
/** numpy.savez(file, x, y, x_test, y_test) calls its arrays so. */
const NAMELESS = [
  { split: 'train', x: 'arr_0', y: 'arr_1' },
  { split: 'test', x: 'arr_2', y: 'arr_3' }
] as const

interface NamedRole {
  readonly array: string
  readonly role: Role
  readonly split: string
  /** Of several names for one thing the smallest counts. */
  readonly rank: number
}

/** What an array is by its name: X_train, yVal, test_images, true_y_test; undefined for what says nothing. */
function roleOf(array: string): NamedRole | undefined {
  const alias = ALIASES[array.toLowerCase()] ?? array
  const words = alias
    .slice(0, 200)
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/^([xy])(train|test|val)/, '$1_$2')
    .split(/[_\-. ]/)
  const isTrue = words.some((word) => TRUE.includes(word))
  const label = words.find((word) => LABELS.includes(word))
  const feature = words.find((word) => FEATURES.includes(word))
  const kind = label ?? feature
  if (kind === undefined || (isTrue && label === undefined)) return undefined
  const rest = words.filter(
    (word) => word !== '' && word !== label && word !== feature && !TRUE.includes(word)
  )
  const named = rest.join('_')
  const role = isTrue ? 'truth' : label === undefined ? 'x' : 'y'
  const rank = (label === undefined ? FEATURES : LABELS).indexOf(kind) * 2 + Number(named !== '')
  return { array, role, split: named === '' ? 'train' : (SPLITS[named] ?? named), rank }
}

function pick(roles: readonly NamedRole[], role: Role, split: string): string | undefined {
  const [best] = roles
    .filter((named) => named.role === role && named.split === split)
    .sort((a, b) => a.rank - b.rank)
  return best?.array
}

/** Whether arrays of these names make a dataset. */
export function hasFeatures(names: readonly string[]): boolean {
  return names.some((name) => roleOf(name)?.role === 'x')
}

/**
 * The arrays of each split, train first. Features without labels are left out where another split has both.
 * @throws Failure bad-input when features or labels are missing
 */
export function arrayGroups(source: ArraySource, name: string): ArrayGroup[] {
  const roles = source.names.flatMap((array) => (isClassNames(array) ? [] : (roleOf(array) ?? [])))
  const splits = [...new Set(roles.flatMap(({ role, split }) => (role === 'x' ? [split] : [])))]
  const groups: ArrayGroup[] = []
  for (const split of splits) {
    const x = pick(roles, 'x', split)
    const y = pick(roles, 'y', split)
    if (x !== undefined && y !== undefined) groups.push({ split, x, y, truth: pick(roles, 'truth', split) })
  }
  if (groups.length > 0) return groups.sort((a, b) => compareSplits(a.split, b.split))
  const nameless = NAMELESS.filter(({ x, y }) => source.names.includes(x) && source.names.includes(y))
  if (nameless.length > 0) return [...nameless]
  const [split] = splits
  if (split === undefined) {
    throw badInput(
      `${name} has no array x of features; it has ${shown(source.names)}.`,
      'Save it with numpy.savez(file, x=features, y=labels).'
    )
  }
  const wanted = split === 'train' ? 'y' : `y_${split}`
  throw badInput(
    `${name} has features (${pick(roles, 'x', split)}) but no labels (${wanted}).`,
    `Add an array ${wanted} with one class for each example.`
  )
}

function shown(names: readonly string[]): string {
  const some = names.slice(0, 10).map((name) => name.slice(0, 60))
  return some.length === 0 ? 'no arrays at all' : `${some.join(', ')}${names.length > 10 ? ', ...' : ''}`
}

/** What was assumed of arrays that have no names. */
export function namelessWarning(groups: readonly ArrayGroup[]): string[] {
  return groups
    .filter(({ x }) => x.startsWith('arr_'))
    .map(
      ({ split, x, y }) =>
        `The arrays have no names: ${x} is taken for the features of ${split}, ${y} for its labels.`
    )
}

function isClassNames(array: string): boolean {
  return CLASS_NAME_ARRAYS.includes(array.toLowerCase())
}

/** The array of class names, if there is one. */
export function classNameArray(source: ArraySource): string | undefined {
  return source.names.find(isClassNames)
}

/** Arrays that no role uses. */
export function unusedArrays(source: ArraySource, groups: readonly ArrayGroup[]): string[] {
  const used = new Set([classNameArray(source), ...groups.flatMap(({ x, y, truth }) => [x, y, truth])])
  return source.names.filter((name) => !used.has(name)).map((name) => name.slice(0, 60))
}
