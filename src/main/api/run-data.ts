import path from 'node:path'
import { Failure } from '../../shared/domain/failure'
import { readingOptionsOf } from '../../shared/domain/reading-options'
import { alignClasses, resolveReference } from '../datasets'
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
  readonly #workspace: Workspace
  readonly #datasets: DatasetStore
  readonly #open = new Map<string, Promise<ExampleSelection>>()

  constructor(workspace: Workspace, datasets: DatasetStore) {
    this.#workspace = workspace
    this.#datasets = datasets
  }

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
    const { spec } = this.#workspace.store.get(runId)
    const { cwd } = this.#workspace.store.placesOf(runId)
    const named = spec as unknown as Record<string, string | number | undefined>
    const reference = named[role]
    if (typeof reference !== 'string') {
      throw new Failure('not-found', `Run ${runId} has no ${role} data.`, 'Choose another role.')
    }
    const open = (ref: string, truth?: string): Promise<ExampleSelection> =>
      resolveReference(this.#datasets, inFolder(this.#datasets, cwd, ref), {
        ...readingOptionsOf(spec),
        truth
      })
    const selection = await open(
      reference,
      role === 'train' && typeof named['truth'] === 'string' ? path.resolve(cwd, named['truth']) : undefined
    )
    if (role === 'train' || typeof named['train'] !== 'string') return selection
    // The training process gives all roles one list of classes: the labels here must mean the same.
    const train = await this.selectionOf(runId, 'train')
    return alignClasses([train, selection])[1]!
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

/** A reference that means the same anywhere: relative paths in a run's spec are relative to where it was started. */
export function inFolder(datasets: DatasetStore, cwd: string, reference: string): string {
  return reference
    .split('+')
    .map((part) => {
      const source = part
        .split('#')[0]!
        .replace(/\[[^\]]*\]$/, '')
        .trim()
      if (path.isAbsolute(source) || datasets.find(source) || source === 'sample-digits') return part
      return path.join(cwd, part.trim())
    })
    .join('+')
}
