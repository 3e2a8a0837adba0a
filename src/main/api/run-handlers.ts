import { createReadStream, existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { opendir, stat } from 'node:fs/promises'
import path from 'node:path'
import { badInput, Failure, failureData } from '../../shared/domain/failure'
import type { Preflight } from '../../shared/domain/estimate'
import { DATA_FIELDS } from '../../shared/domain/pin'
import type { RunRecord } from '../../shared/domain/run'
import type { RunEvent } from '../../shared/domain/run-event'
import { taskSpec } from '../../shared/domain/task-spec'
import type { Method, TaskSpec } from '../../shared/domain/task-spec'
import { frozenSpec, namedAsToday, pinSpec } from '../datasets'
import { estimateRun, validateSpec } from '../runs'
import { requireAllowedSpec } from './allowed-spec'
import { ChangeSignal } from './change-signal'
import type { ApiContext } from './context'
import { poisonWarning } from './poison-warning'
import { pinnedRun } from './run-data'

/** Points of one chart's history: more cannot be told apart on a screen. */
const MOST_METRICS = 2000
/** How often live events are passed on: as often as a reader takes in a number. */
const LIVE_MS = 1000
/** The list of runs is sent at most this often. */
const LIST_MS = 200
const LIST_MS_A_RUN = 1
/** Files larger than this are not sent into the window. */
const LARGEST_FILE = 64 * 1024 * 1024

/** Everything that would stop the run, and what it will likely take. */
export async function checkRun(context: ApiContext, spec: TaskSpec): Promise<Preflight> {
  const { workspace } = context
  try {
    const wanted = namedAsToday(context.datasets, spec)
    requireAllowedSpec(context, wanted)
    const plan = await validateSpec(workspace, await frozenSpec(context.datasets, wanted))
    const estimate = estimateRun(workspace.store, spec, plan)
    const warnings = plan.data
      .filter(({ poisoned }) => poisoned)
      .map(({ role, reference }) => poisonWarning(spec.task, role, reference))
    const { memoryMiB, freeMiB } = estimate
    if (memoryMiB !== null && memoryMiB > freeMiB) {
      warnings.push(
        `The run needs about ${memoryMiB} MiB, but ${freeMiB} MiB are free: take smaller batches.`
      )
    }
    const named: Readonly<Record<string, unknown>> = { ...wanted }
    const data = plan.data.map((one) => ({ ...one, reference: String(named[one.role] ?? one.reference) }))
    return { problems: [], warnings, estimate, data }
  } catch (error) {
    return { problems: [failureData(error)], warnings: [], estimate: null, data: [] }
  }
}

interface RunWish {
  readonly spec: TaskSpec
  readonly name?: string | undefined
  readonly outputDir?: string | undefined
}

/**
 * Queue one run by several methods, all of them on the very data that the first was given, whatever is renamed
 * meanwhile. @throws Failure bad-input, refused, as of the first that cannot be queued
 */
export async function createRace(
  context: ApiContext,
  spec: TaskSpec,
  lanes: readonly { method: Method; name: string }[]
): Promise<RunRecord[]> {
  const records: RunRecord[] = []
  for (const { method, name } of lanes) {
    const pins = records[0]?.spec.pins ?? spec.pins
    const order = taskSpec.parse({ ...spec, method, ...(pins ? { pins } : {}) })
    records.push(await createScheduledRun(context, { spec: order, name }))
  }
  return records
}

/** Queue a run whose data mean the same whatever is marked, renamed or changed later. @throws Failure */
export async function createScheduledRun(context: ApiContext, order: RunWish): Promise<RunRecord> {
  const { datasets, scheduler, shell } = context
  const wanted = namedAsToday(datasets, order.spec)
  requireAllowedSpec(context, wanted)
  const outputDir = order.outputDir === undefined ? undefined : shell.allow(order.outputDir)
  if (outputDir !== undefined && existsSync(outputDir) && readdirSync(outputDir).length > 0) {
    throw badInput(`The output folder ${outputDir} is not empty.`, 'Name an empty or a new one.')
  }
  return scheduler.enqueue({ spec: await pinSpec(datasets, wanted), name: order.name, outputDir })
}

/** Queue a run again, on the very data it was created with. @throws Failure conflict */
export async function resumeRun(context: ApiContext, run: string): Promise<RunRecord> {
  for (const field of DATA_FIELDS) await pinnedRun(context.workspace, context.datasets, run, field)
  return context.scheduler.resume(run)
}

/** The list at once, then after every change, until the reader leaves. */
export async function* watchRuns(
  { runFeed }: ApiContext,
  signal: AbortSignal | undefined
): AsyncGenerator<RunRecord[]> {
  const change = new ChangeSignal(signal)
  const leave = runFeed.join(() => change.raise())
  try {
    while (!signal?.aborted) {
      const { runs } = runFeed.all()
      yield runs
      await change.wait()
      await pause(LIST_MS + runs.length * LIST_MS_A_RUN)
    }
  } finally {
    leave()
  }
}

/** The list at once, then what changes, until the reader leaves. */
export async function* followRuns(
  { runFeed }: ApiContext,
  signal: AbortSignal | undefined
): AsyncGenerator<{ type: 'all' | 'changes'; runs: RunRecord[]; gone: string[] }> {
  const change = new ChangeSignal(signal)
  const leave = runFeed.join(() => change.raise())
  try {
    let { version, runs } = runFeed.all()
    yield { type: 'all', runs, gone: [] }
    while (!signal?.aborted) {
      await change.wait()
      const news = runFeed.since(version)
      version = news.version
      runs = news.runs
      if (runs.length + news.gone.length > 0) yield { type: 'changes', runs, gone: news.gone }
    }
  } finally {
    leave()
  }
}

/** History, thinned, then what comes, until the run has ended or the reader leaves. */
export async function* runEvents(
  { workspace: { store } }: ApiContext,
  id: string,
  after: number,
  signal: AbortSignal | undefined
): AsyncGenerator<{ sequence: number; events: RunEvent[] }> {
  let sequence = after
  for (let first = true; !signal?.aborted; first = false) {
    const { state } = store.get(id)
    const news = store.events(id, { after: sequence, maxMetrics: first ? MOST_METRICS : undefined })
    sequence = news.at(-1)?.sequence ?? sequence
    if (first || news.length > 0) yield { sequence, events: news.map(({ event }) => event) }
    if (state === 'done' || state === 'failed' || state === 'cancelled' || state === 'paused') return
    await pause(LIVE_MS)
  }
}

/** So many files of a run are listed, those of its own folder first. */
const MOST_FILES = 500

/** Files in a run's output folder; of its folders of data, which can hold a file an example, the first ones. */
export async function filesOf(outputDir: string): Promise<{ path: string; bytes: number }[]> {
  const files: string[] = []
  const folders = [outputDir]
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    // It may be gone by now.
    for await (const entry of await opendir(folder).catch(() => [])) {
      if (entry.isDirectory()) folders.push(path.join(folder, entry.name))
      else if (entry.isFile()) files.push(path.join(folder, entry.name))
      if (files.length >= MOST_FILES) return withSizes(files, outputDir)
    }
  }
  return withSizes(files, outputDir)
}

async function withSizes(
  files: readonly string[],
  outputDir: string
): Promise<{ path: string; bytes: number }[]> {
  const facts = await Promise.all(files.map((file) => stat(file).catch(() => undefined)))
  return files.flatMap((file, i) => {
    const bytes = facts[i]?.size
    return bytes === undefined
      ? []
      : [{ path: path.relative(outputDir, file).split(path.sep).join('/'), bytes }]
  })
}

/** A file of a run's output folder. @throws Failure refused for a path that leaves it, not-found */
export async function readRunFile({ workspace }: ApiContext, id: string, wanted: string): Promise<Blob> {
  const { outputDir } = workspace.store.get(id)
  const file = path.resolve(outputDir, wanted)
  // Before looking whether it exists: that, too, is nobody's business outside.
  requireInside(path.relative(outputDir, file), wanted, id)
  if (!existsSync(file) || !statSync(file).isFile()) {
    throw new Failure('not-found', `Run ${id} has no file "${wanted}".`, 'Look at its list of files.')
  }
  requireInside(path.relative(realpathSync(outputDir), realpathSync(file)), wanted, id)
  if (statSync(file).size > LARGEST_FILE) {
    throw new Failure('refused', `"${wanted}" is too large to show.`, `Open ${file} yourself.`)
  }
  const parts: Buffer[] = []
  for await (const part of createReadStream(file)) parts.push(part as Buffer)
  return new Blob(
    parts.map((part) => new Uint8Array(part)),
    { type: typeOf(file) }
  )
}

/** @param relative the path as seen from the run's folder */
function requireInside(relative: string, wanted: string, id: string): void {
  if (relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative)) return
  throw new Failure('refused', `"${wanted}" is outside the folder of run ${id}.`, 'Name a file of the run.')
}

const TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.csv': 'text/csv',
  '.yaml': 'text/plain',
  '.ndjson': 'text/plain',
  '.txt': 'text/plain'
}

function typeOf(file: string): string {
  return TYPES[path.extname(file)] ?? 'application/octet-stream'
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
