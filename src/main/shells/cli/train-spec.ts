import { Failure } from '../../../shared/domain/failure'
import type { Report } from '../../../shared/domain/report'
import type { TaskSpec } from '../../../shared/domain/task-spec'
import { DatasetStore, pinSpec } from '../../datasets'
import { createRun, trainRun, openWorkspace, startWorker, validateSpec, validateToTrain } from '../../runs'
import type { RunOrder, WorkerHost, Workspace } from '../../runs'
import { print, printJson, workspaceDir } from './common-options'
import type { CommonOptions, TrainOptions } from './common-options'
import { EXIT } from './exit-codes'
import { ProgressDisplay } from './progress-display'
import { summariseReport } from './report-summary'
import { onStop } from './stop-signals'

/** How long a run may take to write its checkpoint before the command ends without it. */
const PAUSING_MS = 8000

/**
 * Check, record, train and report one task. Nothing is created before the spec and its data are found good.
 * @returns the exit code
 */
export async function trainAndReport(
  spec: TaskSpec,
  outputDir: string,
  options: TrainOptions
): Promise<number> {
  const { code, report } = await trainSpec(spec, outputDir, options)
  if (!report) return code
  if (options.json) printJson(report)
  else print(summariseReport(report, outputDir))
  return code
}

/** The same without telling the result. */
export async function trainSpec(
  spec: TaskSpec,
  outputDir: string,
  options: TrainOptions
): Promise<{ code: number; report?: Report }> {
  const { place } = options
  // It loads the product while the workspace is opened and the data are looked at here.
  const host = place === undefined ? startWorker() : undefined
  let workspace: Workspace | undefined
  try {
    workspace = openWorkspace(workspaceDir(options))
    const { id } = await queued({ workspace, spec, outputDir, place }, host)
    return await seeRunThrough(id, workspace, options, host)
  } catch (error) {
    // There is nothing to train.
    host?.kill()
    throw error
  } finally {
    workspace?.close()
  }
}

/** Pinned, checked and recorded. @param host trains it; without one a place does */
async function queued(order: RunOrder, host: WorkerHost | undefined): Promise<{ id: string }> {
  const { workspace } = order
  // Validated as it is pinned: what was looked at is what will be trained on.
  const spec = await pinSpec(new DatasetStore(workspace.datasetsDir, workspace.trust), order.spec)
  await (host ? validateToTrain(workspace, spec, host) : validateSpec(workspace, spec))
  return createRun({ ...order, spec })
}

/**
 * Train a queued run to its end, with progress on stderr. Ctrl-C once is a clean end, twice an end at once; SIGTERM
 * and SIGHUP, which batch systems, containers and closing terminals send, are a pause with a checkpoint.
 */
export async function seeRunThrough(
  id: string,
  workspace: ReturnType<typeof openWorkspace>,
  options: CommonOptions,
  host?: WorkerHost
): Promise<{ code: number; report?: Report }> {
  const { place } = workspace.store.get(id)
  const display = new ProgressDisplay(options.quiet ?? false)
  const cancel = new AbortController()
  const kill = new AbortController()
  const pause = new AbortController()
  const abandon = new AbortController()
  const release = onStop((signal) => {
    if (signal !== 'SIGINT') {
      if (place !== undefined) return abandon.abort()
      if (pause.signal.aborted) return
      display.note('Pausing the run at its next checkpoint.')
      pause.abort()
      setTimeout(() => abandon.abort(), PAUSING_MS).unref()
      return
    }
    if (cancel.signal.aborted) return kill.abort()
    display.note('Ending the run with what it has so far; press Ctrl-C again to end it at once.')
    cancel.abort()
  })
  try {
    const { record, report } = await trainRun(workspace, id, {
      host,
      signal: cancel.signal,
      kill: kill.signal,
      pause: pause.signal,
      abandon: abandon.signal,
      onReady: (reason) => display.note(reason),
      onEvent: (event) => {
        if (event.type === 'progress') display.show(event)
        else if (event.type === 'log') display.note(event.message)
      }
    })
    if (record.state === 'paused') return { code: tellPaused(id, display) }
    if (!report && record.state !== 'cancelled') {
      throw new Failure('internal', `Run ${id} ended as ${record.state}.`, `See "bilevel runs show ${id}".`)
    }
    return { code: record.state === 'cancelled' ? EXIT.cancelled : EXIT.done, report }
  } catch (error) {
    // It writes its checkpoint alone; whoever looks at the runs next finds it paused.
    if (abandon.signal.aborted) return { code: tellPaused(id, display, place) }
    throw error
  } finally {
    display.end()
    release()
  }
}

function tellPaused(id: string, display: ProgressDisplay, place?: string): number {
  display.end()
  process.stderr.write(
    place === undefined
      ? `Run ${id} is paused. Continue it with "bilevel runs resume ${id}".\n`
      : `Run ${id} goes on at ${place}. Follow it with "bilevel runs resume ${id}".\n`
  )
  return EXIT.terminated
}
