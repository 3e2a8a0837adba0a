import type { TaskSpec } from '../../shared/domain/task-spec'
import { pathsOfReference } from '../datasets'
import type { ApiContext } from './context'

const REFERENCES = ['train', 'trusted', 'validation', 'test'] as const
/** Other fields that name a file or a folder. */
const PATHS = ['truth', 'features', 'startFrom'] as const
/** What `features` may say instead of a file. */
const PIXELS = 'pixels'

/** See that a run reads nothing that this window may not read. @throws Failure refused */
export function requireAllowedSpec(context: ApiContext, spec: TaskSpec): void {
  const named: Readonly<Record<string, unknown>> = { ...spec }
  for (const field of REFERENCES) {
    const reference = named[field]
    if (typeof reference === 'string') requireAllowedReference(context, reference)
  }
  for (const field of PATHS) {
    const path = named[field]
    if (typeof path !== 'string' || path === PIXELS) continue
    // The folder of a run of this workspace, wherever it lies: its results can be seen anyway.
    if (context.workspace.store.list().some(({ outputDir }) => outputDir === path)) continue
    context.shell.allow(path)
  }
}

/** See that a reference names no path that this window may not read. @throws Failure refused, bad-input */
export function requireAllowedReference({ datasets, shell }: ApiContext, reference: string): void {
  for (const path of pathsOfReference(datasets, reference)) shell.allow(path)
}
