import { randomBytes } from 'node:crypto'
import os from 'node:os'
import path from 'node:path'
import { Failure, failureData } from '../../shared/domain/failure'
import type { Report } from '../../shared/domain/report'
import type { RunRecord } from '../../shared/domain/run'
import type { RunEvent } from '../../shared/domain/run-event'
import type { TaskSpec } from '../../shared/domain/task-spec'
import type { RunStore } from './run-store'
import { deathOf } from './worker-death'
import { WorkerHost } from './worker-host'
import type { Workspace } from './workspace'

export interface RunOrder {
  readonly workspace: Workspace
  readonly spec: TaskSpec
  /** By default a folder of the run's own in the workspace. */
  readonly outputDir?: string
  readonly name?: string
  /** Whether a scheduler shall start it; otherwise the caller executes it. */
  readonly scheduled?: boolean
}

export interface RunWatch {
  onEvent?(event: RunEvent): void
  onReady?(backend: string): void
  /** A clean end: the best result so far, marked cancelled. */
  readonly signal?: AbortSignal
  /** An end at once, without a result. */
  readonly kill?: AbortSignal
  /** Write a checkpoint and stop there. */
  readonly pause?: AbortSignal
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
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-')
  const id = `${stamp}-${randomBytes(2).toString('hex')}`
  return workspace.store.create({
    id,
    name: order.name ?? nameOf(spec),
    spec,
    outputDir: order.outputDir ? path.resolve(order.outputDir) : path.join(workspace.runsDir, id, 'results'),
    checkpointDir: path.join(workspace.runsDir, id, 'checkpoint'),
    cwd: process.cwd(),
    scheduled: order.scheduled
  })
}

function nameOf(spec: TaskSpec): string {
  const task = spec.task.charAt(0).toUpperCase() + spec.task.slice(1)
  return 'train' in spec ? `${task}: ${spec.train.split('+').map(withoutFolders).join(' + ')}` : task
}

/** A reference as people speak of it: the file or dataset, its split and range. */
function withoutFolders(reference: string): string {
  const [source = '', ...parts] = reference.trim().split('#')
  return [path.basename(source), ...parts].join('#')
}

/**
 * Train a queued run in a process of its own and see it to its end.
 * @throws Failure of the run, after it has been recorded
 */
export async function executeRun(
  workspace: Workspace,
  id: string,
  watch: RunWatch = {}
): Promise<RunOutcome> {
  const { store } = workspace
  const { cwd, checkpointDir } = store.placesOf(id)
  const resume = store.get(id).resumable
  const record = store.move(id, 'running', {
    ownerPid: process.pid,
    startedAt: new Date().toISOString(),
    endedAt: null,
    failure: null
  })
  let report: Report | undefined
  let failure: Failure | undefined
  let paused = false
  const host = new WorkerHost({
    cwd,
    onMessage: (message) => {
      if (message.type === 'events') {
        for (const event of message.events) {
          store.record(id, event)
          watch.onEvent?.(event)
        }
      } else if (message.type === 'ready') {
        if (message.resumedAt !== undefined) store.forgetAfter(id, message.resumedAt)
        watch.onReady?.(message.reason)
      } else if (message.type === 'checkpoint') {
        // What was told before it must outlive this process as the checkpoint does.
        store.flush()
        store.update(id, { resumable: true })
      } else if (message.type === 'done') {
        report = message.report
      } else if (message.type === 'paused') {
        paused = true
      } else if (message.type === 'failed') {
        const { code, sentence, remedy } = message.failure
        failure = new Failure(code as Failure['code'], sentence, remedy)
      }
    }
  })
  store.update(id, { pid: host.pid ?? null })
  if (watch.background && host.pid !== undefined) yieldTo(host.pid)
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
  const exit = await host.exited
  release()
  store.flush()
  const endedAt = new Date().toISOString()
  if (report) {
    const state = report.stopped === 'cancelled' ? 'cancelled' : 'done'
    return { record: store.move(id, state, { pid: null, endedAt, resumable: false }), report }
  }
  if (paused) return { record: store.move(id, 'paused', { pid: null }) }
  if (watch.kill?.aborted) return { record: store.move(id, 'cancelled', { pid: null, endedAt }) }
  failure ??= deathOf(exit, {
    resumable: store.get(id).resumable,
    log: path.join(workspace.runsDir, id, 'training.log')
  })
  store.move(id, 'failed', { pid: null, endedAt, failure: failureData(failure) })
  throw failure
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
function listen(host: WorkerHost, watch: RunWatch, store: RunStore, id: string): () => void {
  const cancel = (): void => host.cancel()
  const kill = (): void => host.kill()
  const pause = (): void => {
    if (store.get(id).state !== 'running') return
    store.move(id, 'pausing')
    host.send({ type: 'pause' })
  }
  watch.signal?.addEventListener('abort', cancel)
  watch.kill?.addEventListener('abort', kill)
  watch.pause?.addEventListener('abort', pause)
  if (watch.signal?.aborted) cancel()
  if (watch.pause?.aborted) pause()
  const poll = setInterval(() => {
    if (store.cancelRequested(id)) cancel()
  }, 500)
  return () => {
    clearInterval(poll)
    watch.signal?.removeEventListener('abort', cancel)
    watch.kill?.removeEventListener('abort', kill)
    watch.pause?.removeEventListener('abort', pause)
  }
}
