import { BIN_DAYS, type BinEntry, type DatasetUsers } from '../../shared/domain/bin'
import { Failure } from '../../shared/domain/failure'
import { DATA_FIELDS, pinOf } from '../../shared/domain/pin'
import { hasRunEnded, type RunRecord } from '../../shared/domain/run'
import { partsOfReference, readTrust } from '../datasets'
import type { DatasetStore } from '../datasets'
import type { Workspace } from '../runs'

/** What the bin works on. */
export interface BinContext {
  readonly workspace: Pick<Workspace, 'store' | 'runsDir'>
  readonly datasets: DatasetStore
}

const DAY_MS = 24 * 3600 * 1000

/** What was removed, the last first. What is older than 30 days goes for good. */
export function listBin({ workspace, datasets }: BinContext): BinEntry[] {
  const oldest = new Date(Date.now() - BIN_DAYS * DAY_MS).toISOString()
  datasets.purge((removedAt) => removedAt < oldest)
  workspace.store.purge(workspace.runsDir, ({ removedAt }) => removedAt < oldest)
  return [
    ...datasets.bin().map((entry): BinEntry => ({ kind: 'dataset', ...entry })),
    ...workspace.store.bin().map((entry): BinEntry => ({ kind: 'run', ...entry }))
  ].sort((a, b) => (a.removedAt < b.removedAt ? 1 : -1))
}

/** @throws Failure not-found */
export function restoreFromBin(
  { workspace, datasets }: BinContext,
  { kind, id }: Pick<BinEntry, 'kind' | 'id'>
): { name: string; renamed: boolean } {
  if (kind === 'run') return { name: workspace.store.restore(id).name, renamed: false }
  const before = datasets.bin().find((entry) => entry.id === id)?.name
  const { name } = datasets.restore(id)
  return { name, renamed: before !== undefined && before !== name }
}

/** Delete for good. @returns how many */
export function emptyBin(
  context: BinContext,
  entries: readonly Pick<BinEntry, 'kind' | 'id'>[] = listBin(context)
): number {
  const { workspace, datasets } = context
  const of = (kind: BinEntry['kind']): Set<string> =>
    new Set(entries.filter((entry) => entry.kind === kind).map(({ id }) => id))
  const [sets, runs] = [of('dataset'), of('run')]
  return (
    datasets.purge((_, id) => sets.has(id)) +
    workspace.store.purge(workspace.runsDir, ({ id }) => runs.has(id))
  )
}

/** What would miss a dataset. @throws Failure not-found */
export function usersOf({ workspace, datasets }: BinContext, dataset: string): DatasetUsers {
  const { id, name } = datasets.get(dataset)
  const names = (reference: string, pins?: RunRecord['spec']['pins']): boolean =>
    partsOfReference(reference, { pins }).some(({ source }) => {
      const pin = pinOf(pins, source)
      return pin ? pin.dataset === id : source === id || source === name
    })
  const runs = workspace.store.list().filter(({ spec }) =>
    DATA_FIELDS.some((field) => {
      const reference = (spec as unknown as Record<string, unknown>)[field]
      return typeof reference === 'string' && names(reference, spec.pins)
    })
  )
  const named = ({ id: run, name: called }: RunRecord): { run: string; name: string } => ({
    run,
    name: called
  })
  return {
    live: runs.filter(({ state }) => !hasRunEnded(state)).map(named),
    ended: runs.filter(({ state }) => hasRunEnded(state)).map(named),
    trustedBy: datasets
      .list()
      .filter((meta) => meta.id !== id)
      .filter((meta) => {
        const { reference } = readTrust(datasets, meta)
        return reference !== null && names(reference)
      })
      .map((meta) => meta.name),
    versions: datasets
      .list()
      .filter(({ version }) => version?.of === id)
      .map((meta) => meta.name)
  }
}

/**
 * Into the bin, unless somebody would miss it.
 * @param confirmed that ended runs may miss it
 * @throws Failure conflict that names who uses it
 */
export function removeDataset(context: BinContext, dataset: string, confirmed: boolean): { undo: string } {
  const { id, name } = context.datasets.get(dataset)
  const { live, ended, trustedBy, versions } = usersOf(context, id)
  if (live.length > 0) {
    throw new Failure(
      'conflict',
      `The dataset "${name}" is in use by ${namesOf(
        live.map((run) => run.name),
        'run'
      )}.`,
      'Wait until they have ended, or cancel them first.'
    )
  }
  const missed = [
    ...(ended.length > 0
      ? [
          `${namesOf(
            ended.map((run) => run.name),
            'run'
          )} could not show or export their examples`
        ]
      : []),
    ...(trustedBy.length > 0 ? [`${namesOf(trustedBy, 'dataset')} would lose trusted examples`] : []),
    ...(versions.length > 0 ? [`${namesOf(versions, 'version')} could not be compared with it`] : [])
  ]
  if (missed.length > 0 && !confirmed) {
    throw new Failure(
      'conflict',
      `Without the dataset "${name}", ${missed.join(', and ')}.`,
      'Confirm that it is removed all the same (--force); it can be put back from the bin.'
    )
  }
  return context.datasets.discard(id)
}

/** The first few by name: 'the run "a"', 'the runs "a", "b" and 3 more'. */
function namesOf(names: readonly string[], what: string): string {
  const shown = names
    .slice(0, 3)
    .map((name) => `"${name}"`)
    .join(', ')
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return `the ${what}${names.length === 1 ? '' : 's'} ${shown}${more}`
}
