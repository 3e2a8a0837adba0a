import path from 'node:path'
import {
  alignClasses,
  checkPinnedFiles,
  DatasetStore,
  readingOf,
  recordFoldersIn,
  resolveReference
} from '../../datasets'
import type { ExampleSelection } from '../../datasets'
import { badInput } from '../../../shared/domain/failure'
import { DATA_FIELDS } from '../../../shared/domain/pin'
import type { TaskSpec } from '../../../shared/domain/task-spec'
import { TASKS } from '../../../shared/tasks'

/** The data a spec names, opened by role: train, trusted, validation, test. */
export interface Inputs {
  readonly selections: Readonly<Record<string, ExampleSelection>>
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
  recordFoldersIn(workspace)
  const store = new DatasetStore(path.join(workspace, 'datasets'))
  const named = spec as unknown as Record<string, unknown>
  const opened: [string, ExampleSelection][] = []
  await checkPinnedFiles(spec)
  try {
    for (const role of DATA_FIELDS) {
      const reference = named[role]
      if (typeof reference !== 'string') continue
      const selection = await resolveReference(store, reference, {
        ...readingOf(spec),
        truth: role === 'train' ? (named['truth'] as string | undefined) : undefined
      })
      opened.push([role, selection])
      requireSameShape(opened, role, selection)
    }
    const unaligned = opened.map(([, selection]) => selection)
    const aligned = sharesClasses ? alignClasses(unaligned) : unaligned
    const selections = Object.fromEntries(opened.map(([role], i) => [role, aligned[i]!]))
    return { selections, close: () => opened.forEach(([, selection]) => selection.close()) }
  } catch (error) {
    opened.forEach(([, selection]) => selection.close())
    throw error
  }
}

function requireSameShape(
  opened: readonly [string, ExampleSelection][],
  role: string,
  selection: ExampleSelection
): void {
  const [first] = opened
  if (!first || first[1].shape.join() === selection.shape.join()) return
  throw badInput(
    `--${role} (${selection.reference}) has examples of ${selection.shape.join(' x ')}, --${first[0]} of ${first[1].shape.join(' x ')}.`,
    'Take data of one shape; images can be resized with --image-size.'
  )
}
