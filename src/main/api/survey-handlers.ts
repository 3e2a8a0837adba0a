import { implement } from '@orpc/server'
import { surveys } from '../../shared/contract/surveys'
import { badInput } from '../../shared/domain/failure'
import type { MapLayout } from '../../shared/domain/finding'
import type { Job } from '../../shared/domain/job'
import type { ReviewChange } from '../../shared/domain/review'
import { findSurvey, layOut, mapOf, readSurvey, surveyExamples } from '../survey'
import type { ExampleSelection } from '../datasets'
import type { ApiContext } from './context'
import { datasetHealth } from './dataset-health'
import { compareVersions, datasetVersions } from './dataset-versions'
import { decisionStream } from './decision-stream'
import { findRows } from './find-rows'
import { orderKey } from './order-key'
import { runOnDataset, weightChangesOnDataset } from './run-on-dataset'
import { runsThatFound } from './run-results'
import { readerOf } from './readers'

const os = implement(surveys).$context<ApiContext>()

export const surveyProcedures = os.router({
  get: os.get.handler(async ({ context, input: { dataset } }) => {
    const folder = await folderOf(context, dataset)
    return folder === undefined ? null : readSurvey(folder)
  }),
  health: os.health.handler(({ context, input: { dataset } }) => datasetHealth(context, dataset)),
  versions: os.versions.handler(({ context, input: { dataset } }) => datasetVersions(context, dataset)),
  compareVersions: os.compareVersions.handler(({ context, input: { dataset, before, ...page } }) =>
    compareVersions(context, dataset, before, page)
  ),
  find: os.find.handler(({ context, input: { dataset, where } }) => findRows(context, dataset, where)),
  start: os.start.handler(({ context, input: { dataset, layout = 'pca' } }) =>
    startSurvey(context, dataset, layout)
  ),
  map: os.map.handler(async ({ context, input: { dataset, layout } }) => {
    const folder = await folderOf(context, dataset)
    const bytes = folder === undefined ? undefined : mapOf(folder, layout)
    return bytes ? new Blob([new Uint8Array(bytes)], { type: 'application/octet-stream' }) : null
  }),
  runs: os.runs.handler(({ context, input: { dataset } }) =>
    runsThatFound(context, context.datasets.get(dataset).id).map(({ id }) => id)
  ),
  run: os.run.handler(({ context, input: { dataset, run } }) => runOnDataset(context, run, dataset)),
  weightChanges: os.weightChanges.handler(({ context, input: { dataset, run } }) =>
    weightChangesOnDataset(context, run, dataset)
  ),
  watch: os.watch.handler(async function* ({ context, input: { dataset, ...who }, signal }) {
    const { id } = context.datasets.get(dataset)
    yield* decisionStream(context, context.workspace.trust.exclusions, id, who, signal)
  }),
  decide: os.decide.handler(({ context, input: { dataset, changes, summary, revision, ...who } }) => {
    const meta = context.datasets.get(dataset)
    checkChanges(changes, meta.count)
    const reader = readerOf(context.connection, who)
    return context.workspace.trust.exclusions.decide(meta.id, changes, summary, reader, revision)
  }),
  undo: os.undo.handler(({ context, input: { dataset, leaveOthers, ...who } }) => {
    const { id } = context.datasets.get(dataset)
    return context.workspace.trust.exclusions.undo(id, readerOf(context.connection, who), leaveOthers)
  }),
  redo: os.redo.handler(({ context, input: { dataset, leaveOthers, ...who } }) => {
    const { id } = context.datasets.get(dataset)
    return context.workspace.trust.exclusions.redo(id, readerOf(context.connection, who), leaveOthers)
  })
})

function startSurvey({ jobs, datasets, workspace }: ApiContext, dataset: string, layout: MapLayout): Job {
  const { id, name } = datasets.get(dataset)
  return jobs.start({
    kind: 'survey',
    title: name,
    subject: { source: null, dataset: id, run: null, out: null },
    key: orderKey({ dataset: id, layout }),
    perform: ({ signal, onProgress }) =>
      withSelection(datasets, id, async (selection) => {
        const folder = await surveyExamples(workspace.dir, selection, { signal, onProgress })
        if (layout === 'umap') await layOut(folder, { signal, onProgress })
        return readSurvey(folder)
      }),
    summarise: ({ findings }) => ({
      type: 'survey',
      dataset: id,
      found: new Set(findings.flatMap(({ rows }) => rows)).size
    })
  }).job
}

function folderOf({ datasets, workspace }: ApiContext, dataset: string): Promise<string | undefined> {
  return withSelection(datasets, dataset, (selection) => findSurvey(workspace.dir, selection))
}

async function withSelection<T>(
  datasets: ApiContext['datasets'],
  dataset: string,
  act: (selection: ExampleSelection) => Promise<T>
): Promise<T> {
  const selection = datasets.openAsGiven(dataset)
  try {
    return await act(selection)
  } finally {
    selection.close()
  }
}

function checkChanges(changes: readonly ReviewChange[], count: number): void {
  for (const { row, decision } of changes) {
    if (row >= count) throw badInput(`There is no example ${row}: there are ${count}.`, 'Count from 0.')
    if (decision?.action === 'relabel' || decision?.label !== undefined)
      throw badInput(`Example ${row}: a survey gives no labels.`, 'Correct labels while trusting examples.')
  }
}
