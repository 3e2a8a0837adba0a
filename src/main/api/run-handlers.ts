import { existsSync, readdirSync } from 'node:fs'
import { implement } from '@orpc/server'
import { runs } from '../../shared/contract/runs'
import { badInput, failureData } from '../../shared/domain/failure'
import type { Preflight } from '../../shared/domain/estimate'
import { DATA_FIELDS } from '../../shared/domain/pin'
import type { RunRecord } from '../../shared/domain/run'
import { taskSpec } from '../../shared/domain/task-spec'
import type { Method, TaskSpec } from '../../shared/domain/task-spec'
import { resultSentences } from '../../shared/tasks'
import { frozenSpec, namedAsToday, pictureFacts, pinSpec, renderPage, renderPicture } from '../datasets'
import { estimateRun, readReport, validateSpec } from '../runs'
import { requireAllowedSpec } from './allowed-spec'
import type { ApiContext } from './context'
import { featureValues } from './feature-values'
import { pictureBlob } from './png'
import { poisonWarning } from './poison-warning'
import { pinnedRun, portableSpec } from './run-data'
import { filesOf, readRunFile } from './run-files'
import { runReport } from './run-report'
import { followRuns, runEvents, watchRuns } from './run-streams'

const os = implement(runs).$context<ApiContext>()

export const runProcedures = os.router({
  list: os.list.handler(({ context }) => context.workspace.store.list()),
  follow: os.follow.handler(({ context, signal }) => followRuns(context, signal)),
  watch: os.watch.handler(({ context, signal }) => watchRuns(context, signal)),
  reportPage: os.reportPage.handler(
    async ({ context, input }) => new Blob([await runReport(context, input.run)], { type: 'text/html' })
  ),
  get: os.get.handler(async ({ context, input }) => {
    const record = context.workspace.store.get(input.run)
    return { record, report: readReport(record.outputDir) ?? null, files: await filesOf(record.outputDir) }
  }),
  check: os.check.handler(({ context, input }) => checkRun(context, input.spec)),
  create: os.create.handler(({ context, input }) => createScheduledRun(context, input)),
  race: os.race.handler(({ context, input }) => createRace(context, input)),
  rename: os.rename.handler(({ context, input }) =>
    context.scheduler.describe(input.run, { name: input.name })
  ),
  note: os.note.handler(({ context, input }) => context.scheduler.describe(input.run, { note: input.note })),
  tag: os.tag.handler(({ context, input: { run, tags } }) =>
    context.scheduler.describe(run, { tags: [...new Set(tags)] })
  ),
  outcomes: os.outcomes.handler(({ context, input }) =>
    input.runs.flatMap((run) => {
      const { outputDir } = context.workspace.store.get(run)
      const report = readReport(outputDir)
      return report ? [{ run, text: resultSentences(report)[0] ?? '' }] : []
    })
  ),
  reorder: os.reorder.handler(({ context, input }) => {
    context.scheduler.reorder(input.run, input.before)
    return context.workspace.store.waiting()
  }),
  pause: os.pause.handler(({ context, input }) => context.scheduler.pause(input.run)),
  resume: os.resume.handler(({ context, input }) => resumeRun(context, input.run)),
  again: os.again.handler(async ({ context, input }) => ({
    spec: await portableSpec(context.workspace, context.datasets, input.run)
  })),
  cancel: os.cancel.handler(({ context, input }) => context.scheduler.cancel(input.run)),
  remove: os.remove.handler(({ context, input }) => {
    context.scheduler.remove(input.run)
    return {}
  }),
  events: os.events.handler(({ context, input, signal }) =>
    runEvents(context, input.run, input.after, signal)
  ),
  labels: os.labels.handler(async ({ context, input: { run, role, rows } }) => {
    const { classNames, labels, count } = await context.selectionOf(run, role)
    const outside = rows.find((row) => row >= count)
    if (outside !== undefined) {
      throw badInput(`There is no example ${outside}: there are ${count}.`, 'Count from 0.')
    }
    return { classNames: [...classNames], labels: rows.map((row) => labels[row]!) }
  }),
  atlas: os.atlas.handler(async ({ context, input: { run, role, rows, tileSize, look } }) =>
    pictureBlob(await renderPage(await context.selectionOf(run, role), rows, tileSize, look))
  ),
  image: os.image.handler(async ({ context, input: { run, role, row, look, side } }) =>
    pictureBlob(await renderPicture(await context.selectionOf(run, role), row, look, side))
  ),
  pictureFacts: os.pictureFacts.handler(async ({ context, input }) =>
    pictureFacts(await context.selectionOf(input.run, input.role), input.row)
  ),
  values: os.values.handler(async ({ context, input }) =>
    featureValues(await context.selectionOf(input.run, input.role), input.row)
  ),
  file: os.file.handler(({ context, input }) => readRunFile(context, input.run, input.path))
})

/** Everything that would stop the run, and what it will likely take. */
async function checkRun(context: ApiContext, spec: TaskSpec): Promise<Preflight> {
  const { workspace } = context
  try {
    const wanted = namedAsToday(context.datasets, spec)
    requireAllowedSpec(context, wanted)
    const plan = await validateSpec(workspace, await frozenSpec(context.datasets, wanted))
    const estimate = estimateRun(workspace.store, spec, plan)
    const poisoned = plan.data.filter((one) => one.poisoned)
    const warnings = [
      ...poisoned.map(({ role, reference }) => poisonWarning(spec.task, role, reference)),
      ...plan.warnings
    ]
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
  readonly place?: string | undefined
}

interface RaceWish {
  readonly spec: TaskSpec
  readonly lanes: readonly { readonly method: Method; readonly name: string }[]
  readonly place?: string | undefined
}

/**
 * Queue one run by several methods, all of them on the very data that the first was given, whatever is renamed
 * meanwhile. @throws Failure bad-input, refused, as of the first that cannot be queued
 */
async function createRace(context: ApiContext, { spec, lanes, place }: RaceWish): Promise<RunRecord[]> {
  const orders: RunWish[] = []
  for (const { method, name } of lanes) {
    const pins = orders[0]?.spec.pins ?? spec.pins
    const order = taskSpec.parse({ ...spec, method, ...(pins ? { pins } : {}) })
    orders.push(await pinnedOrder(context, { spec: order, name, place }))
  }
  // In one go, so that a place is given them together.
  return orders.map((order) => context.scheduler.enqueue(order))
}

/** Queue a run whose data mean the same whatever is marked, renamed or changed later. @throws Failure */
async function createScheduledRun(context: ApiContext, order: RunWish): Promise<RunRecord> {
  return context.scheduler.enqueue(await pinnedOrder(context, order))
}

/** What is to be queued, with everything settled that its names stand for now. */
async function pinnedOrder(context: ApiContext, order: RunWish): Promise<RunWish> {
  const { datasets, shell } = context
  const wanted = namedAsToday(datasets, order.spec)
  requireAllowedSpec(context, wanted)
  const outputDir = order.outputDir === undefined ? undefined : shell.allow(order.outputDir)
  if (outputDir !== undefined && existsSync(outputDir) && readdirSync(outputDir).length > 0) {
    throw badInput(`The output folder ${outputDir} is not empty.`, 'Name an empty or a new one.')
  }
  const { name, place } = order
  return { spec: await pinSpec(datasets, wanted), name, outputDir, place }
}

/** Queue a run again, on the very data it was created with. @throws Failure conflict */
async function resumeRun(context: ApiContext, run: string): Promise<RunRecord> {
  for (const field of DATA_FIELDS) await pinnedRun(context.workspace, context.datasets, run, field)
  return context.scheduler.resume(run)
}
