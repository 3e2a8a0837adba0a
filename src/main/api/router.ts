import { implement } from '@orpc/server'
import { contract } from '../../shared/contract'
import {
  inspectSource,
  listLeftovers,
  removeLeftovers,
  renderAtlas,
  renderThumbnail,
  summariseDataset
} from '../datasets'
import { readReport } from '../runs'
import { emptyBin, listBin, removeDataset, restoreFromBin, usersOf } from './bin-handlers'
import type { ApiContext } from './context'
import { allowedChoice, labelsOf } from './dataset-handlers'
import { exportHandlers, startExport, startIssues } from './export-handlers'
import { apiError, withFailures } from './failures'
import { patiently } from './patience'
import { withWindowWords } from './window-sentences'
import { featureValues } from './feature-values'
import { importSample, importStream, startImport, startSample } from './job-handlers'
import { watchJobs } from './job-stream'
import { poisonHandlers } from './poison-handlers'
import { reviewHandlers } from './review-handlers'
import { portableSpec } from './run-data'
import {
  checkRun,
  createRace,
  createScheduledRun,
  filesOf,
  followRuns,
  readRunFile,
  resumeRun,
  runEvents,
  watchRuns
} from './run-handlers'
import { syntheticCurves } from './synthetic-curves'
import { listFolder, systemInfo } from './system-handlers'
import { trustHandlers } from './trust-handlers'

const os = implement(contract)
  .$context<ApiContext>()
  .use(async ({ context, next }) => {
    const { dir } = context.workspace
    try {
      const { output, ...rest } = await patiently(() => next())
      const worded = isStream(output) ? withFailures(output, dir) : withWindowWords(output, dir)
      return { ...rest, output: worded as typeof output }
    } catch (error) {
      throw apiError(error, dir)
    }
  })

/** What streams its answers: each is said in the window's words, and so is its failure. */
function isStream(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output
}

/** A PNG as the contract carries it. */
function png(bytes: Buffer): Blob {
  return new Blob([new Uint8Array(bytes)], { type: 'image/png' })
}

/** The API. A procedure of the contract without a handler fails compilation. */
export const router = os.router({
  system: {
    ping: os.system.ping.handler(() => ({ now: Date.now() })),
    info: os.system.info.handler(({ context }) => systemInfo(context)),
    examine: os.system.examine.handler(({ context }) => context.shell.examine()),
    leftovers: os.system.leftovers.handler(({ context }) => listLeftovers(context.workspace.dir)),
    removeLeftovers: os.system.removeLeftovers.handler(({ context, input }) => {
      removeLeftovers(context.workspace.dir, (folder) => input.folders.includes(folder))
      return listLeftovers(context.workspace.dir)
    }),
    folder: os.system.folder.handler(({ context, input }) => listFolder(context, input.path))
  },
  datasets: {
    list: os.datasets.list.handler(({ context }) => context.datasets.list().reverse()),
    damage: os.datasets.damage.handler(({ context }) =>
      context.datasets.damage().map(({ id, failure }) => ({ dataset: id, failure: failure.toData() }))
    ),
    get: os.datasets.get.handler(({ context, input }) => {
      const meta = context.datasets.get(input.dataset)
      return { meta, summary: summariseDataset(meta, context.datasets.decisions.marksOf(meta.id)) }
    }),
    inspect: os.datasets.inspect.handler(({ context, input }) => {
      const { source, ...options } = allowedChoice(context, input)
      return inspectSource(source, options)
    }),
    import: os.datasets.import.handler(({ context, input, signal }) => importStream(context, input, signal)),
    importSample: os.datasets.importSample.handler(({ context, input }) => importSample(context, input)),
    rename: os.datasets.rename.handler(({ context, input }) =>
      context.datasets.rename(input.dataset, input.name)
    ),
    users: os.datasets.users.handler(({ context, input }) => usersOf(context, input.dataset)),
    remove: os.datasets.remove.handler(({ context, input }) =>
      removeDataset(context, input.dataset, input.confirmed)
    ),
    restore: os.datasets.restore.handler(({ context, input }) => context.datasets.restore(input.undo)),
    labels: os.datasets.labels.handler(({ context, input }) => labelsOf(context, input.dataset)),
    atlas: os.datasets.atlas.handler(async ({ context, input }) =>
      png(await renderAtlas(context.datasets.get(input.dataset), input.rows, input.tileSize))
    ),
    image: os.datasets.image.handler(async ({ context, input }) =>
      png(await renderThumbnail(context.datasets.get(input.dataset), input.row))
    ),
    values: os.datasets.values.handler(({ context, input }) => {
      const selection = context.datasets.open(input.dataset)
      try {
        return featureValues(selection, input.row)
      } finally {
        selection.close()
      }
    })
  },
  bin: {
    list: os.bin.list.handler(({ context }) => listBin(context)),
    restore: os.bin.restore.handler(({ context, input }) => {
      const restored = restoreFromBin(context, input)
      context.scheduler.emit('change')
      return restored
    }),
    empty: os.bin.empty.handler(({ context, input }) => ({ count: emptyBin(context, input.entries) }))
  },
  trust: {
    get: os.trust.get.handler(({ context, input }) => trustHandlers(context).get(input)),
    watch: os.trust.watch.handler(({ context, input, signal }) =>
      trustHandlers(context).watch(input, signal)
    ),
    mark: os.trust.mark.handler(({ context, input }) => trustHandlers(context).mark(input)),
    unmark: os.trust.unmark.handler(({ context, input }) => trustHandlers(context).unmark(input)),
    undo: os.trust.undo.handler(({ context, input }) => trustHandlers(context).undo(input)),
    redo: os.trust.redo.handler(({ context, input }) => trustHandlers(context).redo(input)),
    useReference: os.trust.useReference.handler(({ context, input }) =>
      trustHandlers(context).useReference(input)
    )
  },
  runs: {
    list: os.runs.list.handler(({ context }) => context.workspace.store.list()),
    follow: os.runs.follow.handler(({ context, signal }) => followRuns(context, signal)),
    watch: os.runs.watch.handler(({ context, signal }) => watchRuns(context, signal)),
    get: os.runs.get.handler(async ({ context, input }) => {
      const record = context.workspace.store.get(input.run)
      return { record, report: readReport(record.outputDir) ?? null, files: await filesOf(record.outputDir) }
    }),
    check: os.runs.check.handler(({ context, input }) => checkRun(context, input.spec)),
    create: os.runs.create.handler(({ context, input }) => createScheduledRun(context, input)),
    race: os.runs.race.handler(({ context, input }) => createRace(context, input.spec, input.lanes)),
    rename: os.runs.rename.handler(({ context, input }) => context.scheduler.rename(input.run, input.name)),
    reorder: os.runs.reorder.handler(({ context, input }) => {
      context.scheduler.reorder(input.run, input.before)
      return context.workspace.store.waiting()
    }),
    pause: os.runs.pause.handler(({ context, input }) => context.scheduler.pause(input.run)),
    resume: os.runs.resume.handler(({ context, input }) => resumeRun(context, input.run)),
    again: os.runs.again.handler(async ({ context, input }) => ({
      spec: await portableSpec(context.workspace, context.datasets, input.run)
    })),
    cancel: os.runs.cancel.handler(({ context, input }) => context.scheduler.cancel(input.run)),
    remove: os.runs.remove.handler(({ context, input }) => {
      context.scheduler.remove(input.run)
      return {}
    }),
    events: os.runs.events.handler(({ context, input, signal }) =>
      runEvents(context, input.run, input.after, signal)
    ),
    atlas: os.runs.atlas.handler(async ({ context, input }) =>
      png(await renderAtlas(await context.selectionOf(input.run, input.role), input.rows, input.tileSize))
    ),
    image: os.runs.image.handler(async ({ context, input }) =>
      png(await renderThumbnail(await context.selectionOf(input.run, input.role), input.row))
    ),
    values: os.runs.values.handler(async ({ context, input }) =>
      featureValues(await context.selectionOf(input.run, input.role), input.row)
    ),
    file: os.runs.file.handler(({ context, input }) => readRunFile(context, input.run, input.path))
  },
  poisons: {
    list: os.poisons.list.handler(({ context, input }) => poisonHandlers(context).list(input)),
    panels: os.poisons.panels.handler(async ({ context, input }) =>
      png(await poisonHandlers(context).panels(input))
    ),
    defence: os.poisons.defence.handler(({ context, input }) => poisonHandlers(context).defence(input))
  },
  synthetic: {
    curves: os.synthetic.curves.handler(({ context, input }) => syntheticCurves(context, input.run))
  },
  reviews: {
    get: os.reviews.get.handler(({ context, input }) => reviewHandlers(context).get(input)),
    watch: os.reviews.watch.handler(({ context, input, signal }) =>
      reviewHandlers(context).watch(input, signal)
    ),
    issues: os.reviews.issues.handler(({ context, input }) => reviewHandlers(context).issues(input)),
    decide: os.reviews.decide.handler(({ context, input }) => reviewHandlers(context).decide(input)),
    undo: os.reviews.undo.handler(({ context, input }) => reviewHandlers(context).undo(input)),
    redo: os.reviews.redo.handler(({ context, input }) => reviewHandlers(context).redo(input)),
    trajectory: os.reviews.trajectory.handler(({ context, input }) =>
      reviewHandlers(context).trajectory(input)
    ),
    neighbours: os.reviews.neighbours.handler(({ context, input }) =>
      reviewHandlers(context).neighbours(input)
    ),
    continuation: os.reviews.continuation.handler(({ context, input }) =>
      reviewHandlers(context).continuation(input)
    )
  },
  exports: {
    formats: os.exports.formats.handler(({ context, input }) => exportHandlers(context).formats(input)),
    preview: os.exports.preview.handler(({ context, input }) => exportHandlers(context).preview(input)),
    write: os.exports.write.handler(({ context, input, signal }) =>
      exportHandlers(context).write(input, signal)
    ),
    issues: os.exports.issues.handler(({ context, input, signal }) =>
      exportHandlers(context).issues(input, signal)
    )
  },
  jobs: {
    import: os.jobs.import.handler(({ context, input }) => startImport(context, input).job),
    sample: os.jobs.sample.handler(({ context, input }) => startSample(context, input).job),
    export: os.jobs.export.handler(({ context, input }) => startExport(context, input).job),
    issues: os.jobs.issues.handler(({ context, input }) => startIssues(context, input).job),
    list: os.jobs.list.handler(({ context }) => context.jobs.list()),
    get: os.jobs.get.handler(({ context, input }) => context.jobs.get(input.job)),
    watch: os.jobs.watch.handler(({ context, signal }) => watchJobs(context.jobs, signal)),
    cancel: os.jobs.cancel.handler(({ context, input }) => context.jobs.cancel(input.job)),
    dismiss: os.jobs.dismiss.handler(({ context, input }) => {
      context.jobs.dismiss(input.job)
      return {}
    })
  }
})
