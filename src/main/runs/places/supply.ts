import path from 'node:path'
import type { Place } from '../../../shared/domain/place'
import type { TaskSpec } from '../../../shared/domain/task-spec'
import type { LocatedData } from '../protocol'
import { sendDataset, sendFiles } from './copy'
import type { PlaceShell } from './place-shell'

/** Told the share that has been sent, 0..1. */
type OnSent = (share: number) => void

/** What a run works on. */
export interface Needed {
  readonly spec: TaskSpec
  /** Folder that relative paths of the spec are relative to. */
  readonly cwd: string
  /** Where its data lie on this machine. */
  locate(): Promise<readonly LocatedData[]>
}

/**
 * Brings what runs work on to places, by content. However many runs ask at a time, as those of a sweep do, each thing
 * is looked for and sent once.
 */
export class Supply {
  readonly #located = new Map<string, Promise<readonly LocatedData[]>>()
  readonly #sent = new Map<string, { readonly done: Promise<void>; readonly listeners: Set<OnSent> }>()

  /** @returns the spec with data as they are called there. @throws Failure, Unreachable */
  async bring(shell: PlaceShell, place: Place, needed: Needed, onSent: OnSent): Promise<TaskSpec> {
    const { spec, cwd } = needed
    const key = JSON.stringify([spec.pins, cwd])
    const located = await together(this.#located, key, () => needed.locate())
    const there: Record<string, unknown> = { ...spec }
    const renamed = new Map<string, string>()
    for (const one of located) {
      const target = targetOf(place, one)
      await this.#send(shell, one, target, onSent)
      if (!one.named) continue
      // A file alone is called by its path, what is a folder by that.
      const [file] = one.named.files
      const isFolder =
        one.named.field === 'startFrom' || path.join(one.folder, file ?? '') !== absolute(one, cwd)
      const called = isFolder ? target : `${target}/${file}`
      there[one.named.field] = called
      renamed.set(`${one.named.field} ${one.source}`, called)
    }
    const pins = spec.pins?.map((pin) =>
      pin.file === undefined
        ? { ...pin, dataset: pin.contentHash }
        : { ...pin, source: renamed.get(`${pin.file} ${pin.source}`) ?? pin.source }
    )
    return { ...there, pins } as TaskSpec
  }

  async #send(shell: PlaceShell, data: LocatedData, target: string, onSent: OnSent): Promise<void> {
    const key = `${shell.place.login ?? ''} ${target}`
    let sending = this.#sent.get(key)
    if (!sending) {
      const listeners = new Set<OnSent>()
      const tell: OnSent = (share) => listeners.forEach((listener) => listener(share))
      const { folder, contentHash, named } = data
      const done = named
        ? sendFiles(shell, folder, named.files, target, tell)
        : sendDataset(shell, folder, target, contentHash, tell)
      sending = { listeners, done: done.finally(() => this.#sent.delete(key)) }
      this.#sent.set(key, sending)
    }
    sending.listeners.add(onSent)
    await sending.done
  }
}

/** One act for all who want it while it lasts. */
function together<T>(running: Map<string, Promise<T>>, key: string, act: () => Promise<T>): Promise<T> {
  const present = running.get(key)
  if (present) return present
  const begun = act().finally(() => running.delete(key))
  running.set(key, begun)
  return begun
}

function targetOf(place: Place, { contentHash, folder, named }: LocatedData): string {
  if (!named) return `${place.folder}/datasets/${contentHash}`
  // An extractor is called by the name of its folder, so that keeps its name.
  const kept = named.field === 'features' ? `/${path.basename(folder)}` : ''
  return `${place.folder}/files/${contentHash}${kept}`
}

function absolute({ source }: LocatedData, cwd: string): string {
  return path.resolve(cwd, source)
}
