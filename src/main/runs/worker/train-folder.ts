import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { cp, mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { RunPaused } from '../../../engine/tasks/shared/task-run'
import { badInput, Failure, failureData } from '../../../shared/domain/failure'
import { parseReport } from '../../../shared/domain/report'
import { isDiskFull } from '../../files/disk-full'
import { syncTree } from '../../files/sync-tree'
import {
  attemptFolder,
  CHECKPOINT_FILE,
  checkpointFolders,
  EVENTS_FILE,
  FOLDER_EXIT,
  LOG_FILE,
  ORDER_FILE,
  RESULTS_FOLDER,
  runOrder,
  wish,
  WISH_FILE
} from '../protocol'
import type { FromWorker, RunOrderFile } from '../protocol'
import { messageLog } from './message-log'
import type { RunControl } from './run-control'
import { trainTask } from './train-task'

/** How often to look for a wish and for a later attempt. File watching fails on network disks. */
const LOOK_MS = 1000

/**
 * Train what a run's folder says, without a channel. Each attempt writes in its own folder, so one that was thought
 * dead and wakes up spoils nothing: it sees the higher number and ends.
 * @returns the exit code
 */
export async function trainFolder(folder: string, control: RunControl): Promise<number> {
  let tell: (message: FromWorker) => void = () => undefined
  try {
    const order = readOrder(folder)
    const attempt = claimAttempt(folder)
    const own = path.join(folder, attemptFolder(attempt))
    tell = messageLog(path.join(own, EVENTS_FILE))
    // It ended, and its owner has not heard of it.
    const ended = path.join(folder, RESULTS_FOLDER, 'report.json')
    if (existsSync(ended)) {
      tell({ type: 'done', report: parseReport(JSON.parse(readFileSync(ended, 'utf8'))) })
      return FOLDER_EXIT.done
    }
    const isFenced = (): boolean => existsSync(path.join(folder, attemptFolder(attempt + 1)))
    const looking = setInterval(() => look(folder, control, isFenced), LOOK_MS)
    try {
      const report = parseReport(await attemptOf(order, folder, attempt, control, tellOrEnd(tell, control)))
      if (isFenced()) return FOLDER_EXIT.fenced
      await syncTree(path.join(own, RESULTS_FOLDER))
      renameSync(path.join(own, RESULTS_FOLDER), path.join(folder, RESULTS_FOLDER))
      tell({ type: 'done', report })
      return FOLDER_EXIT.done
    } catch (error) {
      if (isFenced()) return FOLDER_EXIT.fenced
      throw error
    } finally {
      clearInterval(looking)
    }
  } catch (error) {
    if (error instanceof RunPaused) {
      tell({ type: 'paused' })
      return FOLDER_EXIT.paused
    }
    const failure = failureData(error)
    // Its owner sees that it ended without a word, and goes on with it where there is room again.
    if (isDiskFull(error)) tell = () => undefined
    process.stderr.write(`bilevel: ${failure.sentence} ${failure.remedy}\n`)
    if (failure.code === 'internal' && error instanceof Error) process.stderr.write(`${error.stack}\n`)
    tell({ type: 'failed', failure })
    return FOLDER_EXIT.failed
  }
}

/** What cannot be told ends the training at its next step, wherever it was told from. */
function tellOrEnd(tell: (message: FromWorker) => void, control: RunControl): (message: FromWorker) => void {
  return (message) => {
    try {
      tell(message)
    } catch (error) {
      control.fail(error)
    }
  }
}

/** @throws Failure bad-input */
function readOrder(folder: string): RunOrderFile {
  const file = path.join(folder, ORDER_FILE)
  try {
    return runOrder.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw badInput(`${file} is not what a run's folder holds.`, 'Name the folder of a run.', error)
  }
}

/** The next number: of two processes that want it at once, one makes the folder. */
function claimAttempt(folder: string): number {
  for (;;) {
    const numbers = readdirSync(folder).map((name) => Number(/^attempt-(\d{1,9})$/.exec(name)?.[1] ?? 0))
    const next = Math.max(0, ...numbers) + 1
    try {
      mkdirSync(path.join(folder, attemptFolder(next)))
      return next
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
}

function look(folder: string, control: RunControl, isFenced: () => boolean): void {
  if (isFenced())
    control.fail(new Failure('conflict', 'A later attempt trains this run.', 'Look at that one.'))
  try {
    control.want(wish.parse(JSON.parse(readFileSync(path.join(folder, WISH_FILE), 'utf8'))).want)
  } catch {
    // Nothing is wished, or it is being written.
  }
}

/** @returns what report.json holds */
async function attemptOf(
  order: RunOrderFile,
  folder: string,
  attempt: number,
  control: RunControl,
  tell: (message: FromWorker) => void
): Promise<unknown> {
  const own = path.join(folder, attemptFolder(attempt))
  const outputDir = path.join(own, RESULTS_FOLDER)
  const checkpointDir = path.join(own, 'checkpoint')
  for (let n = attempt - 1; n > 0; n--) {
    const earlier = path.join(folder, attemptFolder(n))
    // It ended between its report and the renaming.
    const report = path.join(earlier, RESULTS_FOLDER, 'report.json')
    if (existsSync(report)) {
      await cp(path.join(earlier, RESULTS_FOLDER), outputDir, { recursive: true })
      return JSON.parse(await readFile(report, 'utf8')) as unknown
    }
    if (await takeOver(earlier, checkpointDir, outputDir)) break
  }
  const start = { type: 'start', runId: order.run, spec: order.spec, workspace: order.workspace } as const
  return trainTask({ ...start, outputDir, checkpointDir, resume: attempt > 1, isAlone: true }, control, tell)
}

/** The checkpoint of an earlier attempt, and what was told before it. @returns whether there is one */
async function takeOver(earlier: string, checkpointDir: string, outputDir: string): Promise<boolean> {
  for (;;) {
    const found = checkpointFolders(path.join(earlier, 'checkpoint')).find((dir) =>
      existsSync(path.join(dir, CHECKPOINT_FILE))
    )
    if (!found) return false
    const manifest = path.join(found, CHECKPOINT_FILE)
    try {
      const before = readFileSync(manifest, 'utf8')
      await cp(found, checkpointDir, { recursive: true })
      const log = path.join(earlier, RESULTS_FOLDER, LOG_FILE)
      await mkdir(outputDir, { recursive: true })
      if (existsSync(log)) await cp(log, path.join(outputDir, LOG_FILE))
      // The earlier attempt may have lived long enough to replace it meanwhile.
      if (readFileSync(manifest, 'utf8') === before) return true
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
  }
}
