import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { PIXELS } from '../../shared/domain/features-choice'
import type { Pin } from '../../shared/domain/pin'
import type { SourceChoice } from '../../shared/contract'
import type { TaskSpec } from '../../shared/domain/task-spec'
import { BUNDLED_SAMPLES, pathsOfReference } from '../datasets'
import { isKnownExtractor } from '../extractors/registry'
import type { ApiContext, ApiShell } from './context'

/** Folder of an attack's output that holds the training data with the poisons in it. */
export const POISONED_FOLDER = 'poisoned'

const REFERENCES = ['train', 'trusted', 'validation', 'test'] as const
/** Other fields that name a file or a folder. */
const PATHS = ['truth', 'features', 'startFrom'] as const

/** What tells whether a reference may be read. */
export type ReferenceContext = Pick<ApiContext, 'workspace' | 'datasets'> & {
  readonly shell: Pick<ApiShell, 'allow'>
}

/** See that a run reads nothing that this window may not read. @throws Failure refused */
export function requireAllowedSpec(context: ApiContext, spec: TaskSpec): void {
  const named: Readonly<Record<string, unknown>> = { ...spec }
  for (const field of REFERENCES) {
    const reference = named[field]
    if (typeof reference === 'string') requireAllowedReference(context, reference, spec.pins)
  }
  for (const field of PATHS) {
    const wanted = named[field]
    if (typeof wanted !== 'string' || wanted === PIXELS) continue
    if (field === 'features' && isKnownExtractor(context.workspace.dir, wanted)) continue
    // The folder of a run of this workspace, wherever it lies: its results can be seen anyway.
    if (context.workspace.store.list().some(({ outputDir }) => outputDir === wanted)) continue
    context.shell.allow(wanted)
  }
}

/** See that a reference names no path that this window may not read. @throws Failure refused, bad-input */
export function requireAllowedReference(
  context: ReferenceContext,
  reference: string,
  pins?: readonly Pin[]
): void {
  for (const source of pathsOfReference(context.datasets, reference, { pins })) {
    if (!isPoisonedSet(context, source)) context.shell.allow(source)
  }
}

/** Whether a path is the set that an attack of this workspace wrote, wherever that lies: a defence starts from it. */
function isPoisonedSet({ workspace }: ReferenceContext, source: string): boolean {
  const attack = workspace.store
    .list()
    .find(({ outputDir }) => path.join(outputDir, POISONED_FOLDER) === source)
  if (!attack || !existsSync(source)) return false
  // A link in its place may lead anywhere.
  return realpathSync(source) === path.join(realpathSync(attack.outputDir), POISONED_FOLDER)
}

/** The source as a path that this window may read, or a bundled sample's name. @throws Failure refused */
export function allowedChoice(
  { shell }: Pick<ReferenceContext, 'shell'>,
  choice: SourceChoice
): SourceChoice {
  return {
    ...choice,
    source: BUNDLED_SAMPLES.includes(choice.source) ? choice.source : shell.allow(choice.source),
    truth: choice.truth === undefined ? undefined : shell.allow(choice.truth)
  }
}
