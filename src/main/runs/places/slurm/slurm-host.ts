import { Failure, failureData } from '../../../../shared/domain/failure'
import type { FailureData } from '../../../../shared/domain/failure'
import type { Place } from '../../../../shared/domain/place'
import { numberedMessage, runOrder, WISH_FILE } from '../../protocol'
import type { FromWorker, ToWorker } from '../../protocol'
import type { ProgramEnd } from '../../../processes'
import type { RunHost } from '../../run-host'
import { quoted, Unreachable } from '../place-shell'
import type { Placement } from '../placement'
import type { PlaceShell } from '../place-shell'
import type { Needed, Supply } from '../supply'
import { endedWithoutResult, failureAt, mayTryAgain, otherVersion } from './failures'
import { isAlive, isArrayTask, isWaiting, runFolder } from './job'
import type { JobState } from './job'
import { fetchResults } from './results'
import type { JobSubmitter } from './submission'
import { unreachableWords, waitingWords } from './phase-words'
import type { Chunk, PlaceWatch } from './watch'

/** Looks in a row that find no living job before it is believed: shared disks show news late. */
const LOOKS_UNTIL_DEAD = 3
const MOST_DEATHS = 3
/** How long a run may take to end cleanly before its job is cancelled. */
const CANCEL_MS = 120_000
const RETRY_MS = [1000, 2000, 5000, 10_000, 30_000, 60_000]

export interface SlurmRun {
  readonly run: string
  readonly place: Place
  readonly shell: PlaceShell
  readonly watch: PlaceWatch
  readonly submitter: JobSubmitter
  readonly supply: Supply
  readonly needed: Needed
  readonly outputDir: string
  readonly placement: Placement
  onMessage(message: FromWorker): void
  /** Called after the messages that it follows, in the same turn. */
  onPlacement(placement: Placement): void
}

/** A run as a Slurm job: submitted, followed by its folder, asked to pause or end, its results fetched. */
export class SlurmHost implements RunHost {
  readonly exited: Promise<ProgramEnd>
  readonly started = Promise.resolve(undefined)
  #placement: Placement
  #resolve: (exit: ProgramEnd) => void = () => undefined
  #leave: () => void = () => undefined
  #want: 'train' | 'pause' | 'cancel' = 'train'
  /** No more is read of it. */
  #isOver = false
  #isGone = false
  #deadLooks = 0
  /** It waits, and leaves the queue. */
  #isLeaving = false
  #shown = ''
  #unreachableSince: string | undefined
  #last: JobState | undefined
  #cancelTimer: NodeJS.Timeout | undefined

  constructor(private readonly run: SlurmRun) {
    this.#placement = run.placement
    this.exited = new Promise((resolve) => (this.#resolve = resolve))
    void this.#begin()
  }

  send(message: ToWorker): void {
    if (message.type === 'pause') void this.#wish('pause')
  }

  cancel(): void {
    if (this.#want === 'cancel') return
    void this.#wish('cancel')
    this.#cancelTimer = setTimeout(() => this.kill(), CANCEL_MS).unref()
  }

  kill(): void {
    this.#want = 'cancel'
    void this.#persistently(() => this.#scancel()).then(() => this.#cancelled())
  }

  letGo(): void {
    this.#isGone = true
    this.#stop()
  }

  #stop(): void {
    this.#isOver = true
    this.#leave()
    clearTimeout(this.#cancelTimer)
  }

  get #folder(): string {
    return runFolder(this.run.place, this.run.run)
  }

  async #begin(): Promise<void> {
    try {
      if (this.#placement.job === null) await this.#persistently(() => this.#submit())
      if (this.#isOver) return
      this.#leave = this.run.watch.join({
        run: this.run.run,
        folder: this.#folder,
        cursor: () => ({ attempt: this.#placement.attempt, offset: this.#placement.offset }),
        job: () => this.#placement.job,
        onLook: (jobs, chunks) => this.#look(jobs, chunks),
        onUnreachable: (error) => this.#unreachable(error)
      })
    } catch (error) {
      this.#failed(failureData(error))
    }
  }

  /** Data and order to the place, then the job to its queue. @throws Failure, Unreachable */
  async #submit(): Promise<void> {
    const { run, place, shell, supply, submitter, needed } = this.run
    this.#show(`sending data to ${place.name}`)
    const spec = await supply.bring(shell, place, needed, (share) => {
      if (share > 0) this.#show(`sending data to ${place.name} (${Math.floor(share * 20) * 5} %)`)
    })
    if (this.#want === 'cancel') return this.#cancelled()
    if (this.#want === 'pause') return this.#paused()
    const order = runOrder.parse({ schema: 1, run, spec, workspace: place.folder })
    // Known before there is a job: whoever goes on with it looks in the same folder.
    this.#place({ at: place })
    const job = await submitter.submit(place, order)
    this.#last = undefined
    this.#deadLooks = 0
    this.#place({ job })
    this.#show(waitingWords(place.name))
  }

  #place(change: Partial<Placement>): void {
    if (this.#isGone) return
    this.#placement = { ...this.#placement, ...change }
    this.run.onPlacement(this.#placement)
  }

  /** What is asked of it goes into its folder, or to Slurm where it has not begun. */
  async #wish(want: 'pause' | 'cancel'): Promise<void> {
    if (this.#want === 'cancel') return
    this.#want = want
    await this.#persistently(async () => {
      if (this.#placement.job === null || this.#isOver) return
      const file = quoted(`${this.#folder}/${WISH_FILE}`)
      await this.run.shell.must(
        `cat > ${file}.part && mv ${file}.part ${file}`,
        'The wish cannot be written',
        JSON.stringify({ want })
      )
      this.run.watch.hurry()
    }).catch(() => undefined)
  }

  async #scancel(): Promise<void> {
    const { job } = this.#placement
    if (job !== null) await this.run.shell.run(`scancel ${job}`)
  }

  #look(jobs: ReadonlyMap<string, JobState> | undefined, chunks: readonly Chunk[]): void {
    if (this.#isOver) return
    if (this.#unreachableSince !== undefined) {
      this.#unreachableSince = undefined
      this.#shown = ''
    }
    const before = this.#placement
    for (const chunk of chunks) this.#read(chunk)
    if (this.#isOver) return
    const isQuiet = before.attempt === this.#placement.attempt && before.offset === this.#placement.offset
    if (!isQuiet) this.#deadLooks = 0
    const { job: number } = this.#placement
    if (jobs === undefined) this.#forgetWait()
    else if (number !== null) this.#judge(jobs.get(number), isQuiet)
  }

  /** @param isQuiet whether the run has told nothing since the look before */
  #judge(job: JobState | undefined, isQuiet: boolean): void {
    this.#last = job ?? this.#last
    if (job && isWaiting(job)) this.#waiting(job)
    if (job && isAlive(job)) this.#deadLooks = 0
    else if (isQuiet && ++this.#deadLooks >= LOOKS_UNTIL_DEAD) void this.#died(job)
  }

  #waiting(job: JobState): void {
    if (this.#want !== 'train') {
      if (this.#isLeaving) return
      this.#isLeaving = true
      const end = this.#want === 'cancel' ? () => this.#cancelled() : () => this.#paused()
      void this.#persistently(() => this.#scancel()).then(end)
      return
    }
    this.#show(waitingWords(this.run.place.name, job))
  }

  /** What waited when it was seen last may have trained since, and ended. */
  #forgetWait(): void {
    if (this.#last !== undefined && isWaiting(this.#last)) this.#last = undefined
  }

  #unreachable(error: Error): void {
    this.#forgetWait()
    const { name } = this.run.place
    this.#unreachableSince ??= new Date().toTimeString().slice(0, 5)
    const hasJob = this.#placement.job !== null
    this.#show(unreachableWords(name, error, { since: this.#unreachableSince, hasJob }))
  }

  /** Whole lines of a chunk, each a message; half a line waits for its end. */
  #read({ attempt, offset, bytes }: Chunk): void {
    if (this.#isOver || attempt < this.#placement.attempt) return
    const end = bytes.lastIndexOf(10) + 1
    let at = 0
    for (const line of bytes.subarray(0, end).toString().split('\n')) {
      at += Buffer.byteLength(line) + 1
      if (line !== '') this.#take(line, { attempt, offset: offset + at })
      if (this.#isOver) return
    }
    if (attempt > this.#placement.attempt || end > 0) this.#place({ attempt, offset: offset + end })
  }

  /** @param behind where the line ends */
  #take(line: string, behind: { attempt: number; offset: number }): void {
    let message: FromWorker
    try {
      message = numberedMessage.parse(JSON.parse(line)).message
    } catch {
      return this.#failed(otherVersion(this.run.place.name))
    }
    // These are written at once, or end the reading: what came before must not be read again.
    if (message.type !== 'events') this.#place(behind)
    if (message.type === 'done') void this.#finish(message)
    else if (message.type === 'failed') this.#failed(failureAt(this.run.place, message.failure))
    else if (message.type === 'paused') {
      // One that nobody asked for: its job's time was over, or it was preempted. It goes on.
      this.#placement = { ...this.#placement, deaths: 0 }
      if (this.#want === 'pause') this.#paused()
    } else {
      if (message.type === 'checkpoint') this.#placement = { ...this.#placement, deaths: 0 }
      this.run.onMessage(message)
    }
  }

  /** No job, no end: what Slurm says of it decides. */
  async #died(job: JobState | undefined): Promise<void> {
    this.#deadLooks = -1e9
    const state = (job ?? this.#last)?.state ?? 'unknown'
    const { place } = this.run
    if (this.#isOver) return
    if (this.#want === 'cancel') return this.#cancelled()
    // Somebody cancelled it with Slurm's own commands: it waits until it is wanted again.
    const isCancelled = state === 'CANCELLED' || (job === undefined && this.#isWaitingTask())
    if (this.#want === 'pause' || isCancelled) return this.#paused()
    const deaths = this.#placement.deaths + 1
    if (!mayTryAgain(state) || deaths >= MOST_DEATHS) {
      return this.#failed(endedWithoutResult(place, this.#folder, state, deaths))
    }
    this.#place({ deaths })
    this.#note(`The job ended as ${state}; it is submitted again.`)
    try {
      await this.#persistently(() => this.#submit())
    } catch (error) {
      this.#failed(failureData(error))
    }
  }

  /** Tasks of an array that are cancelled while they wait are gone from squeue at once, where other jobs are named still. */
  #isWaitingTask(): boolean {
    return this.#last !== undefined && isWaiting(this.#last) && isArrayTask(this.#placement.job)
  }

  async #finish(message: Extract<FromWorker, { type: 'done' }>): Promise<void> {
    this.#stop()
    const { shell, outputDir, place } = this.run
    const { spec } = this.run.needed
    this.#show(`fetching the results from ${place.name}`)
    try {
      await this.#persistently(() => fetchResults(shell, this.#folder, outputDir, spec))
      this.#end({ ...message, report: { ...message.report, spec } as typeof message.report }, 0)
    } catch (error) {
      this.#end({ type: 'failed', failure: failureData(error) }, 1)
    }
  }

  #paused(): void {
    this.#place({ job: null, deaths: 0 })
    this.#end({ type: 'paused' }, 0)
  }

  #cancelled(): void {
    const failure = new Failure('cancelled', 'The run was cancelled.', 'Resume it to go on.')
    this.#failed(failure.toData())
  }

  #failed(failure: FailureData): void {
    this.#place({ job: null, deaths: 0 })
    this.#end({ type: 'failed', failure }, 1)
  }

  #end(message: FromWorker, code: number): void {
    if (this.#isGone) return
    this.letGo()
    try {
      this.run.onMessage(message)
    } finally {
      this.#resolve({ code, signal: null, stderr: '' })
    }
  }

  #show(phase: string): void {
    if (phase === this.#shown || this.#isGone) return
    this.#shown = phase
    const event = { type: 'progress', phase, fraction: 0, seconds: 0 } as const
    this.run.onMessage({ type: 'events', events: [event] })
  }

  #note(message: string): void {
    const event = { type: 'log', level: 'warning', message, seconds: 0 } as const
    this.run.onMessage({ type: 'events', events: [event] })
  }

  /** Unreachable is not failed: tried again, less and less often, until it is reached or let go. */
  async #persistently<T>(act: () => Promise<T>): Promise<T | undefined> {
    for (let i = 0; ; i++) {
      try {
        return await act()
      } catch (error) {
        if (!(error instanceof Unreachable) || this.#isGone) throw error
        this.#unreachable(error)
        const pause = RETRY_MS[Math.min(i, RETRY_MS.length - 1)]
        await new Promise((resolve) => setTimeout(resolve, pause).unref())
      }
    }
  }
}
