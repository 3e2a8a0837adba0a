import path from 'node:path'
import {
  alignClasses,
  alignColumns,
  checkPinnedFiles,
  DatasetStore,
  readingOf,
  recordFoldersIn,
  resolveReference
} from '../../datasets'
import type { ExampleSelection } from '../../datasets'
import { badInput } from '../../../shared/domain/failure'
import { extractorOf } from '../../../shared/domain/features-choice'
import { DATA_FIELDS } from '../../../shared/domain/pin'
import type { TaskSpec } from '../../../shared/domain/task-spec'
import { TASKS } from '../../../shared/tasks'
import type { SelectedFeatures } from '../../features/selected-features'
import { openFeatures } from './run-features'
import type { Selections } from './task-table'

/** The data a spec names. */
export interface Inputs {
  /** What is trained on: the examples as they came, or their features where the spec names an extractor. */
  readonly selections: Selections
  /** The examples as they came: what is written and shown is of them. */
  readonly examples: Selections
  /** The features of an extractor; their rows hold zeros until they are computed. */
  readonly features?: SelectedFeatures
  close(): void
}

/**
 * Open every dataset that a spec names and see that they fit together.
 * @throws Failure bad-input that names the argument or the file, and the remedy
 */
export async function openInputs(spec: TaskSpec, workspace: string): Promise<Inputs> {
  const { models, sharesClasses } = TASKS[spec.task]
  if (!models.includes(spec.model)) {
    throw badInput(`There is no model "${spec.model}" (--model).`, `Take one of ${models.join(', ')}.`)
  }
  checkFeatures(spec)
  recordFoldersIn(workspace)
  const store = new DatasetStore(path.join(workspace, 'datasets'))
  const named = spec as unknown as Record<string, unknown>
  const opened: [string, ExampleSelection][] = []
  await checkPinnedFiles(spec, workspace)
  try {
    for (const role of DATA_FIELDS) {
      const reference = named[role]
      if (typeof reference !== 'string') continue
      const selection = await resolveReference(store, reference, {
        ...readingOf(spec),
        truth: role === 'train' ? (named['truth'] as string | undefined) : undefined
      })
      opened.push([role, selection])
    }
    const unaligned = alignColumns(opened.map(([, selection]) => selection))
    opened.forEach((entry, i) => (entry[1] = unaligned[i]!))
    requireSameShape(opened)
    const aligned = sharesClasses ? alignClasses(unaligned) : unaligned
    const examples = Object.fromEntries(opened.map(([role], i) => [role, aligned[i]!]))
    const features = await openFeatures(spec, examples, workspace)
    const close = (): void => {
      opened.forEach(([, selection]) => selection.close())
      features?.close()
    }
    return { selections: trainsOn(spec, examples, features), examples, features, close }
  } catch (error) {
    opened.forEach(([, selection]) => selection.close())
    throw error
  }
}

/** Poisons with true labels are pictures: they pass through features, and are not made of them. */
function trainsOn(spec: TaskSpec, examples: Selections, features: SelectedFeatures | undefined): Selections {
  return features && !isCleanLabel(spec) ? features.selections : examples
}

function isCleanLabel(spec: TaskSpec): boolean {
  return spec.task === 'poisoning' && spec.attack === 'clean-label'
}

/** @throws Failure bad-input for features from a file where only an extractor makes sense */
function checkFeatures(spec: TaskSpec): void {
  if (!('features' in spec) || spec.features === undefined || isCleanLabel(spec)) return
  if (spec.task === 'few-shot') {
    throw badInput(
      'Few-shot learning trains its own network on pictures, so --features does not fit it.',
      'Leave --features out, or compare on features with another task.'
    )
  }
  if (extractorOf(spec) !== undefined) return
  throw badInput(
    `--features is ${spec.features}, and only an attack with true labels takes features from elsewhere.`,
    'Name the folder of an extractor; features that are in a file already are data like any other.'
  )
}

function requireSameShape(opened: readonly [string, ExampleSelection][]): void {
  const [first] = opened
  for (const [role, selection] of opened) {
    if (!first || first[1].shape.join() === selection.shape.join()) continue
    throw badInput(
      `--${role} (${selection.reference}) has examples of ${selection.shape.join(' x ')}, --${first[0]} of ${first[1].shape.join(' x ')}.`,
      'Take data of one shape; images can be resized with --image-size.'
    )
  }
}
