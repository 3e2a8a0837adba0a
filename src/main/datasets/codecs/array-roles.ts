import { badInput } from '../../../shared/domain/failure'
import type { ArraySource } from './array-source'

/** Arrays of one split, by name in the source. */
export interface ArrayGroup {
  readonly split: string
  readonly x: string
  readonly y: string
  readonly truth?: string
}

/** Names that other tools give to the same arrays, the product's own first. */
const NAMES = {
  train: {
    x: ['x', 'x_train', 'train_x', 'images', 'train_images', 'features', 'data', 'poisoned_training_data'],
    y: ['y', 'y_train', 'train_y', 'labels', 'train_labels', 'target', 'targets', 'poisoned_training_labels'],
    truth: ['true_y', 'true_y_train', 'y_true', 'true_labels']
  },
  test: {
    x: ['x_test', 'test_x', 'test_images', 'images_test'],
    y: ['y_test', 'test_y', 'test_labels', 'labels_test'],
    truth: ['true_y_test', 'y_true_test']
  }
} as const

export const CLASS_NAME_ARRAYS = ['class_names', 'classes', 'label_names', 'target_names']

function pick(source: ArraySource, names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = source.names.find((candidate) => candidate.toLowerCase() === name)
    if (found !== undefined) return found
  }
  return undefined
}

/** Whether arrays of these names make a dataset. */
export function hasFeatures(names: readonly string[]): boolean {
  const known: readonly string[] = [...NAMES.train.x, ...NAMES.test.x]
  return names.some((name) => known.includes(name.toLowerCase()))
}

/** The arrays of each split. @throws Failure bad-input when features or labels are missing */
export function arrayGroups(source: ArraySource, name: string): ArrayGroup[] {
  const groups: ArrayGroup[] = []
  for (const split of ['train', 'test'] as const) {
    const x = pick(source, NAMES[split].x)
    const y = pick(source, NAMES[split].y)
    if (x === undefined) continue
    if (y === undefined) {
      throw badInput(
        `${name} has features (${x}) but no labels (${NAMES[split].y[0]}).`,
        `Add an array ${NAMES[split].y[0]} with one class for each example.`
      )
    }
    groups.push({ split, x, y, truth: pick(source, NAMES[split].truth) })
  }
  groups.push(...otherSplits(source, groups))
  if (groups.length === 0) {
    throw badInput(
      `${name} has no array x of features; it has ${source.names.join(', ') || 'no arrays at all'}.`,
      'Save it with numpy.savez(file, x=features, y=labels).'
    )
  }
  return groups
}

/** Further splits: x_val and y_val, or val_images and val_labels, and so on. */
function otherSplits(source: ArraySource, known: readonly ArrayGroup[]): ArrayGroup[] {
  const used = new Set(known.map(({ x }) => x))
  return source.names.flatMap((x) => {
    const match = /^x_(.+)$/.exec(x) ?? /^(.+)_images$/.exec(x)
    const split = match?.[1]
    if (split === undefined || used.has(x)) return []
    const y = [`y_${split}`, `${split}_labels`].find((array) => source.names.includes(array))
    const truth = source.names.find((array) => array === `true_y_${split}`)
    return y === undefined ? [] : [{ split, x, y, truth }]
  })
}

/** Arrays that no role uses. */
export function unusedArrays(source: ArraySource, groups: readonly ArrayGroup[]): string[] {
  const used = new Set(groups.flatMap(({ x, y, truth }) => [x, y, truth]))
  return source.names.filter((name) => !used.has(name) && !CLASS_NAME_ARRAYS.includes(name))
}
