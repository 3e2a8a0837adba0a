import path from 'node:path'
import { Failure } from '../../shared/domain/failure'
import { DATA_FIELDS, pinOf, PINNED_FILES, type Pin } from '../../shared/domain/pin'
import { PIXELS } from '../../shared/domain/features-choice'
import { formatReference } from '../../shared/domain/reference'
import type { TaskSpec } from '../../shared/domain/task-spec'
import {
  alignClasses,
  alignColumns,
  BUNDLED_SAMPLES,
  checkPinnedFiles,
  namedAsToday,
  partsOfReference,
  pinEarlierSpec,
  readingOf,
  resolveReference
} from '../datasets'
import type { DatasetStore, ExampleSelection } from '../datasets'
import type { Workspace } from '../runs'
import type { DataRole } from './context'

/** Selections held open at a time: pages of one run's pictures come in quick succession. */
const MOST_OPEN = 12

/**
 * Data of runs by role, opened as the training process opened them, and kept open while they are used. Class
 * indices are those of the role's own list of classes.
 */
export class RunData {
  readonly #open = new Map<string, Promise<ExampleSelection>>()

  constructor(
    private readonly workspace: Workspace,
    private readonly datasets: DatasetStore
  ) {}

  /** Do not close it: others use it too. @throws Failure not-found, bad-input */
  selectionOf(runId: string, role: DataRole): Promise<ExampleSelection> {
    const key = `${runId} ${role}`
    const present = this.#open.get(key)
    if (present) {
      // The order of a Map is that of insertion: what was used last is closed last.
      this.#open.delete(key)
      this.#open.set(key, present)
      return present
    }
    const opened = this.#resolve(runId, role)
    this.#open.set(key, opened)
    opened.catch(() => this.#open.delete(key))
    for (const [oldest, selection] of this.#open) {
      if (this.#open.size <= MOST_OPEN) break
      this.#open.delete(oldest)
      void selection.then(
        (it) => it.close(),
        () => undefined
      )
    }
    return opened
  }

  async #resolve(runId: string, role: DataRole): Promise<ExampleSelection> {
    const spec = await pinnedRun(this.workspace, this.datasets, runId, role)
    const { cwd } = this.workspace.store.placesOf(runId)
    const named = spec as unknown as Record<string, string | number | undefined>
    const reference = named[role]
    if (typeof reference !== 'string') {
      throw new Failure('not-found', `Run ${runId} has no ${role} data.`, 'Choose another role.')
    }
    const truth = role === 'train' && typeof named['truth'] === 'string' ? named['truth'] : undefined
    if (truth !== undefined)
      await checkPinnedFiles(
        { ...spec, pins: spec.pins?.filter(({ file }) => file === 'truth') },
        this.workspace.dir,
        cwd
      )
    const selection = await resolveReference(this.datasets, reference, { ...readingOf(spec, cwd), truth })
    if (role === 'train' || typeof named['train'] !== 'string') return selection
    // The training process gives all roles one list of classes and tables one encoding: both here must mean the same.
    const train = await this.selectionOf(runId, 'train')
    return alignClasses(alignColumns([train, selection]))[1]!
  }

  close(): void {
    for (const selection of this.#open.values())
      void selection.then(
        (it) => it.close(),
        () => undefined
      )
    this.#open.clear()
  }
}

/**
 * The spec of a run with what the names of one of its fields stand for; settled now for a run of an earlier
 * version.
 * @throws Failure conflict where they may stand for something else by now
 */
export async function pinnedRun(
  { store }: Pick<Workspace, 'store'>,
  datasets: DatasetStore,
  run: string,
  field: DataRole
): Promise<TaskSpec> {
  const { spec, createdAt } = store.get(run)
  const { cwd } = store.placesOf(run)
  const pinned = await pinEarlierSpec(datasets, spec, field, { createdAt, cwd })
  if (pinned !== spec) store.update(run, { spec: pinned })
  return pinned
}

/**
 * A run's spec for use elsewhere: data by the names they bear today, and paths that mean the same whatever folder
 * they are read from.
 * @throws Failure conflict where names of a run of an earlier version may stand for something else by now
 */
export async function portableSpec(
  workspace: Pick<Workspace, 'store'>,
  datasets: DatasetStore,
  run: string
): Promise<TaskSpec> {
  for (const field of DATA_FIELDS) await pinnedRun(workspace, datasets, run, field)
  const { cwd } = workspace.store.placesOf(run)
  const spec = namedAsToday(datasets, workspace.store.get(run).spec)
  const anywhere = (pin: Pin): Pin => {
    const isPath = pin.dataset === null && !BUNDLED_SAMPLES.includes(pin.source)
    return isPath ? { ...pin, source: path.resolve(cwd, pin.source) } : pin
  }
  const settled: Record<string, unknown> = { ...spec, pins: spec.pins?.map(anywhere) }
  for (const field of DATA_FIELDS) {
    const reference = settled[field]
    if (typeof reference !== 'string') continue
    const parts = partsOfReference(reference, { cwd, pins: spec.pins }).map((part) => {
      const pin = pinOf(spec.pins, part.source)
      return pin ? { ...part, source: anywhere(pin).source } : part
    })
    settled[field] = formatReference(parts)
  }
  for (const field of PINNED_FILES) {
    const file = settled[field]
    if (typeof file === 'string' && file !== PIXELS) settled[field] = path.resolve(cwd, file)
  }
  return settled as TaskSpec
}
