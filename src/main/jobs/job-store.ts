import { EventEmitter } from 'node:events'
import { Failure, failureData } from '../../shared/domain/failure'
import { hasJobEnded } from '../../shared/domain/job'
import type { Job, JobResult, JobState } from '../../shared/domain/job'
import { tellError, tellLog } from '../log'
import type { JobOrder, StartedJob } from './job-order'
import type { JobRecords } from './job-records'
import { cancelled, interrupted, ofEarlierLife, waitingJob } from './job-states'
import { progressMeter } from './progress-meter'

/** Jobs at work at a time: each reads or writes a whole dataset. */
const SLOTS = 2
/** Jobs that may wait. */
const MOST_WAITING = 100
/** Ended jobs that are remembered. */
const MOST_ENDED = 50
/** How long jobs may take to clean up when the workbench closes. */
const CLOSING_MS = 8000

interface Entry {
  job: Job
  readonly key: string
  readonly stop: AbortController
  /** What `perform` answers. */
  readonly outcome: Promise<unknown>
  readonly begin: () => void
  /** Number of the last change of any job that concerned this one. */
  version: number
}

/**
 * The long acts of a workbench: each goes on until it is done or cancelled by name, whoever looks on. Some at a
 * time, the others wait in order. Emits "change" after every change of a job.
 */
export class JobStore extends EventEmitter<{ change: [] }> {
  readonly #records: JobRecords
  readonly #slots: number
  readonly #entries = new Map<string, Entry>()
  #version = 0
  #closing = false
  /** Nothing is written down any more. */
  #closed = false

  constructor(records: JobRecords, { slots = SLOTS }: { slots?: number } = {}) {
    super()
    this.setMaxListeners(0)
    this.#records = records
    this.#slots = slots
    for (const job of records.load()) this.#remember(job)
    this.#forgetOldest()
  }

  /** Oldest first. */
  list(): Job[] {
    return [...this.#entries.values()].map(({ job }) => job)
  }

  /** @throws Failure not-found */
  get(id: string): Job {
    return this.#entry(id).job
  }

  /** Number of the last change. */
  get version(): number {
    return this.#version
  }

  /** Jobs that changed after that version, oldest first. */
  changedSince(version: number): Job[] {
    return [...this.#entries.values()].filter((entry) => entry.version > version).map(({ job }) => job)
  }

  has(id: string): boolean {
    return this.#entries.has(id)
  }

  /** Jobs that have not ended. */
  get active(): Job[] {
    return this.list().filter((job) => !hasJobEnded(job))
  }

  /**
   * Begin a job, or wait for a place. The same order while its job goes on, and the same request at any time,
   * answer with the job that is there.
   * @throws Failure conflict when another job writes to the same folder, or too many wait
   */
  start<Result>(order: JobOrder<Result>): StartedJob<Result> {
    if (this.#closing) {
      throw new Failure('conflict', 'The workbench is closing.', 'Start it again first.')
    }
    const present = this.#present(order)
    // Equal keys are equal orders: what comes out has the same type.
    if (present) return { job: present.job, outcome: present.outcome as Promise<Result> }
    this.#refuseConflict(order)
    const entry = this.#enter(order)
    try {
      this.#records.save(entry.job)
    } catch (error) {
      this.#entries.delete(entry.job.id)
      throw error
    }
    this.#fill()
    this.#changed(entry)
    return { job: entry.job, outcome: entry.outcome as Promise<Result> }
  }

  /**
   * Stop a job; answers when it has cleaned up. One that is done by then stays done.
   * @throws Failure not-found, conflict when it has ended already
   */
  async cancel(id: string): Promise<Job> {
    const entry = this.#entry(id)
    const { state } = entry.job
    if (hasJobEnded(entry.job)) {
      throw new Failure('conflict', `"${entry.job.title}" has ended already.`, 'There is nothing to cancel.')
    }
    entry.stop.abort()
    if (state === 'waiting') this.#end(entry, { state: 'cancelled' })
    else this.#update(entry, { state: 'cancelling' })
    await entry.outcome.catch(() => undefined)
    return this.#entries.get(id)?.job ?? entry.job
  }

  /** Forget a job that has ended; one that is gone already is none. @throws Failure conflict while it goes on */
  dismiss(id: string): void {
    const entry = this.#entries.get(id)
    if (!entry) return
    if (!hasJobEnded(entry.job)) {
      throw new Failure('conflict', `"${entry.job.title}" is not done yet.`, 'Cancel it first.')
    }
    this.#records.remove(id)
    this.#entries.delete(id)
    this.#raise()
  }

  /** Change what an earlier life's job answers, e.g. an address that is another one now. */
  revise(id: string, result: JobResult): void {
    const entry = this.#entry(id)
    this.#update(entry, { result })
  }

  /** Stop everything; what does not end in time is found interrupted at the next start. */
  async close(): Promise<void> {
    this.#closing = true
    const ends: Promise<unknown>[] = []
    for (const entry of this.#entries.values()) {
      if (hasJobEnded(entry.job)) continue
      entry.stop.abort()
      if (entry.job.state === 'waiting') this.#end(entry, interrupted(entry.job))
      ends.push(entry.outcome.catch(() => undefined))
    }
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSING_MS)))
    await Promise.race([Promise.all(ends), patience])
    clearTimeout(timer)
    this.#closed = true
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id)
    if (entry) return entry
    throw new Failure('not-found', `There is no job "${id}".`, 'It may have been dismissed elsewhere.')
  }

  #present({ kind, key, request }: JobOrder<unknown>): Entry | undefined {
    return [...this.#entries.values()].find(({ job, key: other }) =>
      request !== undefined && job.request === request && job.kind === kind
        ? true
        : other === key && job.kind === kind && !hasJobEnded(job)
    )
  }

  #refuseConflict({ subject: { out } }: JobOrder<unknown>): void {
    const active = this.active
    if (out !== null && active.some(({ subject }) => subject.out === out)) {
      throw new Failure('conflict', `Another export is writing to ${out} now.`, 'Name another folder.')
    }
    if (active.filter(({ state }) => state === 'waiting').length >= MOST_WAITING) {
      throw new Failure('conflict', `${MOST_WAITING} jobs wait already.`, 'Wait until some are done.')
    }
  }

  #enter(order: JobOrder<unknown>): Entry {
    const { kind, title, subject, key, request = null } = order
    const stop = new AbortController()
    let begin = (): void => undefined
    const begun = new Promise<void>((resolve) => {
      begin = resolve
      stop.signal.addEventListener('abort', () => resolve())
    })
    const job = waitingJob({ kind, title, subject, request })
    const outcome = begun.then(() => this.#perform(job.id, order, stop.signal))
    // A follower gets the failure; without one it stands in the record.
    outcome.catch(() => undefined)
    const entry: Entry = { job, key, stop, outcome, begin, version: 0 }
    this.#entries.set(job.id, entry)
    return entry
  }

  async #perform<Result>(id: string, order: JobOrder<Result>, signal: AbortSignal): Promise<Result> {
    if (signal.aborted) throw cancelled()
    const entry = this.#entry(id)
    const meter = progressMeter((progress) => {
      if (!hasJobEnded(entry.job)) this.#update(entry, { progress })
    })
    try {
      const result = await order.perform({ signal, onProgress: meter })
      this.#end(entry, { state: 'done', result: order.summarise(result) })
      return result
    } catch (error) {
      if (signal.aborted) {
        this.#end(entry, this.#closing ? interrupted(entry.job) : { state: 'cancelled' })
        throw cancelled()
      }
      const failure = failureData(error)
      // A defect: the one place where its stack is still known.
      if (failure.code === 'internal') tellError(error)
      this.#end(entry, { state: 'failed', failure })
      throw error
    }
  }

  #end(entry: Entry, change: Partial<Job> & { state: JobState }): void {
    this.#update(entry, { ...change, place: null, progress: null, endedAt: new Date().toISOString() })
    if (this.#closed) return
    try {
      this.#records.save(entry.job)
    } catch (error) {
      // The work itself is done or undone; a later start will take the job for interrupted.
      tellError(error)
    }
    this.#forgetOldest()
    this.#fill()
  }

  #fill(): void {
    const waiting: Entry[] = []
    let running = 0
    for (const entry of this.#entries.values()) {
      if (entry.job.state === 'waiting') waiting.push(entry)
      else if (!hasJobEnded(entry.job)) running++
    }
    const starting = this.#closing ? [] : waiting.splice(0, Math.max(0, this.#slots - running))
    for (const entry of starting) {
      this.#update(entry, { state: 'running', place: null, startedAt: new Date().toISOString() })
      entry.begin()
    }
    waiting.forEach((entry, i) => {
      if (entry.job.place !== i + 1) this.#update(entry, { place: i + 1 })
    })
  }

  #update(entry: Entry, change: Partial<Job>): void {
    if (change.state !== undefined) {
      const { id, kind } = entry.job
      tellLog('job', { id, kind, state: change.state, failure: change.failure?.code })
    }
    entry.job = { ...entry.job, ...change }
    this.#changed(entry)
  }

  #changed(entry: Entry): void {
    entry.version = this.#version + 1
    this.#raise()
  }

  #raise(): void {
    this.#version++
    this.emit('change')
  }

  #remember(earlier: Job): void {
    const job = ofEarlierLife(earlier)
    if (job !== earlier) this.#records.save(job)
    const outcome = Promise.reject(
      new Failure('conflict', `"${job.title}" ended before the workbench was started.`, 'Start it again.')
    )
    outcome.catch(() => undefined)
    const stop = new AbortController()
    this.#entries.set(job.id, { job, key: '', stop, outcome, begin: () => undefined, version: 0 })
  }

  #forgetOldest(): void {
    const ended = [...this.#entries.values()].filter(({ job }) => hasJobEnded(job))
    for (const { job } of ended.slice(0, Math.max(0, ended.length - MOST_ENDED))) {
      this.#records.remove(job.id)
      this.#entries.delete(job.id)
      this.#raise()
    }
  }
}
