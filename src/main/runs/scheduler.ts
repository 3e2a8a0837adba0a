import { EventEmitter } from 'node:events'
import { Failure } from '../../shared/domain/failure'
import type { RunRecord } from '../../shared/domain/run'
import { settleAbandonedRuns } from './abandoned-runs'
import { ProcessLock } from '../locks'
import { ownerLockOf } from './protocol'
import { createRun, trainRun } from './train-run'
import type { RunOrder } from './train-run'
import type { RunChange } from './run-store'
import type { Workspace } from './workspace'

/** How often to look for runs that other processes queued or changed. */
const LOOK_AROUND_MS = 500
/** How often to tell of runs that train here: their progress. */
const PROGRESS_MS = 1000
/** How long a training process may go on whose owner died: as long as it may take to answer a cancel. */
const ORPHAN_MS = 120_000
/** How long a run may take to write its checkpoint when the workbench closes. */
const CLOSING_MS = 8000

/** What keeps this process from training or recording a run may last: the pauses between attempts grow. */
const FIRST_RETRY_MS = LOOK_AROUND_MS
const LAST_RETRY_MS = 60_000

interface Active {
  readonly cancel: AbortController
  readonly pause: AbortController
  readonly abandon: AbortController
  readonly ended: Promise<void>
  /** At a place: it goes on there when this process ends. */
  readonly isPlaced: boolean
}

/**
 * Trains the queued runs of a workspace, one at a time by default: a run uses the GPU or all cores. The store
 * holds the truth, so queued runs outlive this process, and a run that dies takes nothing else along.
 * Emits "change" after every change of a run, its own or another process's.
 */
export class Scheduler extends EventEmitter<{ change: [] }> {
  readonly #workspace: Workspace
  readonly #slots: number
  readonly #isMine: (run: RunRecord) => boolean
  readonly #active = new Map<string, Active>()
  /** When a run that was hindered is tried again, by id. */
  readonly #retries = new Map<string, { at: number; pause: number }>()
  /** When a run was first seen whose owner has died, by id. */
  readonly #orphans = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #seen = 0
  #closed = false
  /** What kept the workspace from being read when it was looked at last. */
  #trouble: string | undefined

  /** @param options.isMine which of the waiting runs it trains: by default all */
  constructor(workspace: Workspace, options: { slots?: number; isMine?: (run: RunRecord) => boolean } = {}) {
    super()
    this.setMaxListeners(0)
    this.#workspace = workspace
    this.#slots = options.slots ?? 1
    this.#isMine = options.isMine ?? (() => true)
  }

  start(): void {
    const { store } = this.#workspace
    this.#seen = store.dataVersion()
    let announced = performance.now()
    const lookAround = (): void => {
      const settled = settleAbandonedRuns(store, (id) => this.#isPatient(id))
      const version = store.dataVersion()
      const progress =
        this.#active.size > 0 && performance.now() - announced >= PROGRESS_MS - LOOK_AROUND_MS / 2
      if (settled || version !== this.#seen || progress) {
        announced = performance.now()
        this.emit('change')
      }
      this.#seen = version
      this.#fill()
    }
    this.#timer = setInterval(() => this.#try(lookAround), LOOK_AROUND_MS)
    this.#try(() => this.#fill())
  }

  /** A workspace that cannot be read or written now is no reason to end: whoever asks is told, and all goes on later. */
  #try(act: () => void): void {
    try {
      act()
      this.#trouble = undefined
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'workspace') throw error
      if (this.#trouble !== error.message) console.error(`bilevel: ${error.message} ${error.remedy}`)
      this.#trouble = error.message
    }
  }

  enqueue(order: Omit<RunOrder, 'workspace' | 'scheduled'>): RunRecord {
    const record = createRun({ ...order, workspace: this.#workspace, scheduled: true })
    this.#changed()
    return record
  }

  /** Runs were queued beside it, such as those of a sweep. */
  announce(): void {
    this.#changed()
  }

  /** @throws Failure conflict unless the run is training here */
  pause(id: string): RunRecord {
    const active = this.#active.get(id)
    if (!active) {
      throw new Failure(
        'conflict',
        `Run ${id} is ${this.#workspace.store.get(id).state} and not trained by this workbench.`,
        'Only a run that is training here can be paused.'
      )
    }
    active.pause.abort()
    this.#changed()
    return this.#workspace.store.get(id)
  }

  /** Queue a run again, to go on from its checkpoint. @throws Failure conflict when it has none */
  resume(id: string): RunRecord {
    const { store } = this.#workspace
    const { state, resumable } = store.get(id)
    if (!resumable) {
      throw new Failure(
        'conflict',
        `Run ${id} (${state}) has no checkpoint to go on from.`,
        'Clone it to start anew.'
      )
    }
    const record = store.move(id, 'queued', { scheduled: true, failure: null, endedAt: null })
    this.#changed()
    return record
  }

  /** End a run cleanly wherever it is: waiting, paused, training here or in another process. */
  cancel(id: string): RunRecord {
    const { store } = this.#workspace
    const { state } = store.get(id)
    if (state === 'queued' || state === 'paused') {
      store.move(id, 'cancelled', { endedAt: new Date().toISOString() })
    } else if (state === 'running' || state === 'pausing') {
      const active = this.#active.get(id)
      if (active) active.cancel.abort()
      else store.requestCancel(id)
    } else {
      throw new Failure(
        'conflict',
        `Run ${id} is ${state}.`,
        'Only a run that has not ended can be cancelled.'
      )
    }
    this.#changed()
    return store.get(id)
  }

  /** Put a waiting run before another waiting one, or last. @throws Failure conflict unless both wait */
  reorder(id: string, before: string | null): void {
    const { store } = this.#workspace
    const waiting = store.waiting().map((record) => record.id)
    const rest = waiting.filter((other) => other !== id)
    const place = before === null ? rest.length : rest.indexOf(before)
    if (rest.length === waiting.length || place < 0) {
      throw new Failure('conflict', 'Only runs that wait have an order.', 'Look at the list again.')
    }
    rest.splice(place, 0, id)
    store.arrange(rest)
    this.#changed()
  }

  /** Into the bin. @throws Failure conflict while it trains */
  remove(id: string): void {
    this.#workspace.store.discard(id)
    this.#changed()
  }

  /** Change what a person calls a run, its tags, or notes about it. @throws Failure not-found */
  describe(id: string, words: Pick<RunChange, 'name' | 'note' | 'tags'>): RunRecord {
    this.#workspace.store.get(id)
    this.#workspace.store.update(id, words)
    this.#changed()
    return this.#workspace.store.get(id)
  }

  /**
   * Pause what trains here, so that it can go on after the next start, and start nothing more. A training process
   * that takes too long is left to end by itself; the next start settles its run.
   */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    const active = [...this.#active.values()]
    for (const { pause, abandon, isPlaced } of active) (isPlaced ? abandon : pause).abort()
    const ended = Promise.all(active.map((one) => one.ended))
    const patience = setTimeout(() => active.forEach(({ abandon }) => abandon.abort()), CLOSING_MS)
    await ended
    clearTimeout(patience)
  }

  /** Whether a training process without an owner has had less time than it may take. */
  #isPatient(id: string): boolean {
    const now = performance.now()
    const since = this.#orphans.get(id) ?? now
    this.#orphans.set(id, since)
    return now - since < ORPHAN_MS
  }

  #changed(): void {
    this.emit('change')
    // A caller that has just queued a run shall see it queued first.
    setImmediate(() => this.#try(() => this.#fill()))
  }

  #fill(): void {
    if (this.#closed) return
    const { store } = this.#workspace
    const here = (): number => [...this.#active.values()].filter(({ isPlaced }) => !isPlaced).length
    for (const run of store.waiting()) {
      if (this.#active.has(run.id) || !this.#isMine(run) || this.#isTooSoon(run.id)) continue
      // A cluster has its own queue, and needs nothing of this machine.
      if (run.place !== undefined || here() < this.#slots) this.#train(run)
    }
    for (const run of store.training()) {
      if (run.place === undefined || !this.#isMine(run) || this.#active.has(run.id)) continue
      if (!this.#isTooSoon(run.id)) this.#follow(run)
    }
  }

  /** Whether a run is no longer to be trained: otherwise something hindered this process. */
  #hasLeft(id: string): boolean {
    try {
      const state = this.#workspace.store.find(id)?.state
      return state !== 'queued' && state !== 'running' && state !== 'pausing'
    } catch {
      return false
    }
  }

  #isTooSoon(id: string): boolean {
    return performance.now() < (this.#retries.get(id)?.at ?? 0)
  }

  #settleRetry(id: string, isSettled: boolean): void {
    if (isSettled) return void this.#retries.delete(id)
    const pause = Math.min(LAST_RETRY_MS, 2 * (this.#retries.get(id)?.pause ?? FIRST_RETRY_MS / 2))
    this.#retries.set(id, { at: performance.now() + pause, pause })
  }

  /** A run that goes on at a place, unless another process follows it. */
  #follow(run: RunRecord): void {
    if (!ProcessLock.isHeld(ownerLockOf(this.#workspace.store.placesOf(run.id).checkpointDir)))
      this.#train(run)
  }

  #train({ id, place }: RunRecord): void {
    const cancel = new AbortController()
    const pause = new AbortController()
    const abandon = new AbortController()
    const ended = trainRun(this.#workspace, id, {
      signal: cancel.signal,
      pause: pause.signal,
      abandon: abandon.signal,
      background: true
    })
      // The run's own failure is in its record, where the window shows it.
      .catch(() => undefined)
      .then(() => {
        const isSettled = this.#hasLeft(id)
        this.#active.delete(id)
        this.#settleRetry(id, isSettled)
        if (this.#closed) return
        if (isSettled) this.#changed()
        else this.emit('change')
      })
    this.#active.set(id, { cancel, pause, abandon, ended, isPlaced: place !== undefined })
    this.emit('change')
  }
}
