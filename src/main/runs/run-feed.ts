import { EventEmitter } from 'node:events'
import type { RunRecord } from '../../shared/domain/run'
import type { RunStore } from './run-store'
import type { Scheduler } from './scheduler'

/** Changes are told at most this often, however many look on. */
const PAUSE_MS = 200
/** Those who ask within this time are answered from one reading, unless something changed. */
const TOGETHER_MS = 20

interface Known {
  readonly record: RunRecord
  /** The record as text, to see what is new about it. */
  readonly text: string
  /** Of the feed, when it changed last. */
  readonly version: number
}

/**
 * The list of runs for all who look on: read once after a change, compared with what it was, so that each of them is
 * told what has changed. Emits "news" when there is some, or a failure to be thrown by whoever asks next.
 */
export class RunFeed extends EventEmitter<{ news: [] }> {
  readonly #store: RunStore
  readonly #scheduler: Scheduler
  #known = new Map<string, Known>()
  #gone: { readonly id: string; readonly version: number }[] = []
  #version = 0
  #readers = 0
  #timer: NodeJS.Timeout | undefined
  #readAt = -Infinity

  constructor(store: RunStore, scheduler: Scheduler) {
    super()
    this.setMaxListeners(0)
    this.#store = store
    this.#scheduler = scheduler
  }

  /** @returns how to leave */
  join(onNews: () => void): () => void {
    this.on('news', onNews)
    if (++this.#readers === 1) {
      this.#scheduler.on('change', this.#changed)
      this.#readAt = -Infinity
    }
    return () => {
      this.off('news', onNews)
      if (--this.#readers > 0) return
      this.#scheduler.off('change', this.#changed)
      clearTimeout(this.#timer)
      this.#timer = undefined
    }
  }

  /** All runs, newest first, as they are now. @throws Failure workspace */
  all(): { version: number; runs: RunRecord[] } {
    if (this.#readers === 0 || performance.now() - this.#readAt > TOGETHER_MS) this.#read()
    return { version: this.#version, runs: [...this.#known.values()].map(({ record }) => record) }
  }

  since(version: number): { version: number; runs: RunRecord[]; gone: string[] } {
    return {
      version: this.#version,
      runs: [...this.#known.values()].filter((one) => one.version > version).map(({ record }) => record),
      gone: this.#gone.filter((one) => one.version > version).map(({ id }) => id)
    }
  }

  readonly #changed = (): void => {
    this.#readAt = -Infinity
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      try {
        this.#read()
      } catch {
        // It is looked at again after the next change; whoever asks until then is told.
        return
      }
    }, PAUSE_MS)
  }

  #read(): void {
    const version = this.#version + 1
    const next = new Map<string, Known>()
    let news = false
    for (const record of this.#store.list()) {
      const before = this.#known.get(record.id)
      const text = JSON.stringify(record)
      const isSame = before?.text === text
      news ||= !isSame
      next.set(record.id, isSame ? before : { record, text, version })
    }
    for (const id of this.#known.keys()) {
      if (next.has(id)) continue
      news = true
      this.#gone.push({ id, version })
    }
    // One that was put back is gone no more.
    this.#gone = this.#gone.filter(({ id }) => !next.has(id))
    this.#known = next
    this.#readAt = performance.now()
    if (!news) return
    this.#version = version
    this.emit('news')
  }
}
