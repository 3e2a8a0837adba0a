import { randomBytes } from 'node:crypto'
import os from 'node:os'
import path from 'node:path'
import { Failure, failureData } from '../../shared/domain/failure'
import type { Report } from '../../shared/domain/report'
import type { RunRecord, RunState } from '../../shared/domain/run'
import type { RunEvent } from '../../shared/domain/run-event'
import { TASKS } from '../../shared/tasks'
import type { TaskSpec } from '../../shared/domain/task-spec'
import { ProcessLock } from '../locks'
import type { ProgramEnd } from '../processes'
import { openPlacedRun, placeOfRun } from './places'
import { ownerLockOf } from './protocol'
import type { FromWorker } from './protocol'
import { readBack } from './read-back'
import type { RunChange, RunStore } from './run-store'
import { deathOf } from './worker-death'
import { WorkerHost } from './worker-host'
import type { RunHost } from './run-host'
import type { Workspace } from './workspace'

export interface RunOrder {
  readonly workspace: Workspace
  readonly spec: TaskSpec
  /** By default a folder of the run's own in the workspace. */
  readonly outputDir?: string
  readonly name?: string
  /** Whether a scheduler shall start it; otherwise the caller executes it. */
  readonly scheduled?: boolean
  /** The sweep it belongs to. */
  readonly sweep?: string
  /** Where it is trained; this machine without one. */
  readonly place?: string | undefined
}

export interface RunWatch {
  /** A training process that waits for its start ({@link validateToTrain}); by default a new one. */
  readonly host?: WorkerHost
  onEvent?(event: RunEvent): void
  onReady?(backend: string): void
  /** A clean end: the best result so far, marked cancelled. */
  readonly signal?: AbortSignal
  /** An end at once, without a result. */
  readonly kill?: AbortSignal
  /** Write a checkpoint and stop there. */
  readonly pause?: AbortSignal
  /** Let go of it: the training process goes on to its next checkpoint alone, and the run is settled later. */
  readonly abandon?: AbortSignal
  /** Train with a lower priority, so that a window stays quick. */
  readonly background?: boolean
}

export interface RunOutcome {
  readonly record: RunRecord
  /** Absent when the run was paused or cancelled before it had a result. */
  readonly report?: Report
}

/** Record a run in the store, queued. */
export function createRun(order: RunOrder): RunRecord {
  const { workspace, spec } = order
  if (order.place !== undefined) workspace.places.get(order.place)
  const id = newId()
  return workspace.store.create({
    id,
    name: order.name ?? nameOf(spec),
    spec,
    outputDir: order.outputDir ? path.resolve(order.outputDir) : path.join(workspace.runsDir, id, 'results'),
    checkpointDir: path.join(workspace.runsDir, id, 'checkpoint'),
    cwd: process.cwd(),
    scheduled: order.scheduled,
    sweep: order.sweep,
    place: order.place
  })
}

/** Begins with the time, so that names sort by it. */
export function newId(): string {
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-')
  return `${stamp}-${randomBytes(4).toString('hex')}`
}

export function nameOf(spec: TaskSpec): string {
  const task = TASKS[spec.task].title
  return 'train' in spec ? `${task}: ${spec.train.split('+').map(withoutFolders).join(' + ')}` : task
}

/** A reference as people speak of it: the file or dataset, its split and range. */
function withoutFolders(reference: string): string {
  const [source = '', ...parts] = reference.trim().split('#')
  return [path.basename(source), ...parts].join('#')
}

/**
 * Train a queued run in a process of its own and see it to its end.
 * @throws Failure of the run, after it has been recorded; conflict when another process trains it
 */
export async function trainRun(workspace: Workspace, id: string, watch: RunWatch = {}): Promise<RunOutcome> {
  const { store } = workspace
  const lock = ProcessLock.take(ownerLockOf(store.placesOf(id).checkpointDir))
  if (!lock) {
    throw new Failure('conflict', `Another process trains run ${id}.`, 'Look at the list of runs again.')
  }
  try {
    return await trainAndRecord(workspace, id, watch)
  } finally {
    lock.release()
  }
}

async function trainAndRecord(workspace: Workspace, id: string, watch: RunWatch): Promise<RunOutcome> {
  const { store } = workspace
  const { cwd, checkpointDir } = store.placesOf(id)
  const resume = store.get(id).resumable
  const known = store.get(id)
  // One that goes on at its place, whoever followed it before.
  const isFollowed = known.place !== undefined && (known.state === 'running' || known.state === 'pausing')
  if (known.place !== undefined) requirePlace(workspace, known, known.place)
  const begun = { startedAt: new Date().toISOString(), endedAt: null, failure: null }
  const record = isFollowed ? known : store.move(id, 'running', { ownerPid: process.pid, ...begun })
  const messages = new RunMessages(store, id, watch)
  const onMessage = (message: FromWorker): void => messages.take(message)
  const host: RunHost =
    record.place === undefined
      ? (watch.host ?? new WorkerHost({ cwd, onMessage }))
      : openPlacedRun(workspace, { ...record, place: record.place }, onMessage)
  watch.host?.tell(onMessage)
  if (isFollowed && record.state === 'pausing') host.send({ type: 'pause' })
  const note = (change: RunChange): void => {
    try {
      store.update(id, change)
    } catch {
      // For people to see only.
    }
  }
  void host.started.then((pid) => {
    note({ pid: pid ?? null })
    if (watch.background && pid !== undefined) yieldTo(pid)
  })
  const release = listen(host, watch, store, id)
  host.send({
    type: 'start',
    runId: id,
    spec: record.spec,
    outputDir: record.outputDir,
    workspace: workspace.dir,
    checkpointDir,
    resume
  })
  const exit = await Promise.race([host.exited, abandonment(watch.abandon)])
  release()
  if (!exit) {
    host.letGo()
    throw new Failure('process-died', `Run ${id} was left to end by itself.`, 'Look at it again later.')
  }
  return recordEnd(store, id, {
    messages,
    exit,
    killed: watch.kill?.aborted ?? false,
    outputDir: record.outputDir,
    log: path.join(workspace.runsDir, id, 'training.log')
  })
}

/** A run whose place has been forgotten is failed, until that is added again. @throws Failure not-found */
function requirePlace(workspace: Workspace, { id, state }: RunRecord, place: string): void {
  try {
    placeOfRun(workspace, id, place)
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'not-found') throw error
    const failure = error.toData()
    if (state === 'queued') workspace.store.move(id, 'running')
    workspace.store.move(id, 'failed', {
      failure: { ...failure, remedy: 'Add it again, then resume the run; or start the run anew elsewhere.' },
      endedAt: new Date().toISOString(),
      resumable: true
    })
    throw error
  }
}

function abandonment(signal: AbortSignal | undefined): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve(undefined)
    signal?.addEventListener('abort', () => resolve(undefined))
  })
}

/** What the training process of a run said, as far as it decides how the run ends. */
class RunMessages {
  report: Report | undefined
  failure: Failure | undefined
  paused = false

  constructor(
    private readonly store: RunStore,
    private readonly id: string,
    private readonly watch: RunWatch
  ) {}

  take(message: FromWorker): void {
    const { store, id, watch } = this
    switch (message.type) {
      case 'events':
        for (const event of message.events) {
          store.events.record(id, event)
          watch.onEvent?.(event)
        }
        break
      case 'ready':
        if (message.resumedAt !== undefined) store.events.resumeFrom(id, message.resumedAt)
        watch.onReady?.(message.reason)
        break
      case 'checkpoint':
        store.events.keepCheckpoint(id)
        break
      case 'done':
        this.report = message.report
        break
      case 'paused':
        this.paused = true
        break
      case 'failed':
        this.failure = Failure.from(message.failure)
    }
  }
}

/** By these a person or a batch system ends a process; a training process takes them as a pause. */
const POLITE: readonly (NodeJS.Signals | null)[] = ['SIGTERM', 'SIGHUP', 'SIGINT']

interface Ending {
  readonly messages: RunMessages
  readonly exit: ProgramEnd
  /** Ended by force, as its owner wished. */
  readonly killed: boolean
  readonly outputDir: string
  /** What the training process wrote on stderr. */
  readonly log: string
}

/** @throws Failure of the run; workspace when its end could not be recorded, which is then made up for later */
async function recordEnd(store: RunStore, id: string, ending: Ending): Promise<RunOutcome> {
  const { messages, exit, killed, outputDir, log } = ending
  const { report } = messages
  const endedAt = new Date().toISOString()
  await persistently(() => readBack(store, id, outputDir))
  const move = (state: RunState, change: RunChange): Promise<RunRecord> =>
    persistently(() => store.move(id, state, { pid: null, ...change }))
  if (report) {
    const state = report.stopped === 'cancelled' ? 'cancelled' : 'done'
    return { record: await move(state, { endedAt, resumable: false }), report }
  }
  // Cancelled before there was anything to keep, as while features are computed.
  if (killed || messages.failure?.code === 'cancelled')
    return { record: await move('cancelled', { endedAt }) }
  // One that had not begun to listen yet was simply ended; it begins anew.
  if (messages.paused || (!messages.failure && POLITE.includes(exit.signal))) {
    return { record: await move('paused', { resumable: true }) }
  }
  const failure = messages.failure ?? deathOf(exit, { resumable: store.get(id).resumable, log })
  // One that died goes on from its checkpoint or begins anew; one that refused its data would refuse them again.
  const died = messages.failure ? {} : { resumable: true }
  await move('failed', { endedAt, failure: failureData(failure), ...died })
  throw failure
}

/** Of a workspace that is busy or full for a moment: the pauses between attempts, in milliseconds. */
const ATTEMPTS = [50, 100, 200, 400, 800, 1600, 3200]

/** What is on the record must be so: try again before giving up. */
async function persistently<T>(act: () => T): Promise<T> {
  for (const pause of ATTEMPTS) {
    try {
      return act()
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'workspace') throw error
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
  return act()
}

/** Let others have the processor first. Some systems do not allow it; then training is merely less polite. */
function yieldTo(pid: number): void {
  try {
    os.setPriority(pid, os.constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    return
  }
}

/** Pass on what is wished of the run: by its owner through signals, by other processes through the store. */
function listen(host: RunHost, watch: RunWatch, store: RunStore, id: string): () => void {
  const cancel = (): void => host.cancel()
  const kill = (): void => host.kill()
  const pause = (): void => {
    host.send({ type: 'pause' })
    void persistently(() => {
      if (store.get(id).state === 'running') store.move(id, 'pausing')
    }).catch(() => undefined)
  }
  watch.signal?.addEventListener('abort', cancel)
  watch.kill?.addEventListener('abort', kill)
  watch.pause?.addEventListener('abort', pause)
  if (watch.signal?.aborted) cancel()
  if (watch.pause?.aborted) pause()
  const poll = setInterval(() => {
    try {
      if (store.cancelRequested(id)) cancel()
    } catch {
      // Asked again in a moment.
    }
  }, 500)
  return () => {
    clearInterval(poll)
    watch.signal?.removeEventListener('abort', cancel)
    watch.kill?.removeEventListener('abort', kill)
    watch.pause?.removeEventListener('abort', pause)
  }
}
