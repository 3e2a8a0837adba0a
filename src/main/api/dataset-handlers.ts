import { implement } from '@orpc/server'
import { datasets } from '../../shared/contract/datasets'
import { pictureFacts, renderPage, renderPicture, summariseDataset } from '../datasets'
import type { ApiContext } from './context'
import { featureValues } from './feature-values'
import { importSample, importStream } from './import-jobs'
import { inspectChoice } from './inspect-choice'
import { pictureBlob } from './png'
import { removeDataset, usersOf } from './removal'

const os = implement(datasets).$context<ApiContext>()

export const datasetProcedures = os.router({
  list: os.list.handler(({ context }) => context.datasets.list().reverse()),
  damage: os.damage.handler(({ context }) =>
    context.datasets.damage().map(({ id, failure }) => ({ dataset: id, failure: failure.toData() }))
  ),
  get: os.get.handler(({ context, input }) => {
    const meta = context.datasets.get(input.dataset)
    return { meta, summary: summariseDataset(meta, context.datasets.decisions.marksOf(meta.id)) }
  }),
  inspect: os.inspect.handler(({ context, input }) => inspectChoice(context, input)),
  import: os.import.handler(({ context, input, signal }) => importStream(context, input, signal)),
  importSample: os.importSample.handler(({ context, input }) => importSample(context, input)),
  rename: os.rename.handler(({ context, input }) => context.datasets.rename(input.dataset, input.name)),
  users: os.users.handler(({ context, input }) => usersOf(context, input.dataset)),
  remove: os.remove.handler(({ context, input }) => removeDataset(context, input.dataset, input.confirmed)),
  restore: os.restore.handler(({ context, input }) => context.datasets.restore(input.undo)),
  labels: os.labels.handler(({ context, input }) => {
    const selection = context.datasets.open(input.dataset)
    try {
      return {
        given: Array.from(selection.givenLabels),
        truth: selection.truth ? Array.from(selection.truth) : null,
        files: selection.files ? [...selection.files] : null
      }
    } finally {
      selection.close()
    }
  }),
  atlas: os.atlas.handler(async ({ context, input: { dataset, rows, tileSize, look } }) =>
    pictureBlob(await renderPage(context.datasets.get(dataset), rows, tileSize, look))
  ),
  image: os.image.handler(async ({ context, input: { dataset, row, look, side } }) =>
    pictureBlob(await renderPicture(context.datasets.get(dataset), row, look, side))
  ),
  pictureFacts: os.pictureFacts.handler(({ context, input }) =>
    pictureFacts(context.datasets.get(input.dataset), input.row)
  ),
  values: os.values.handler(({ context, input }) => {
    const selection = context.datasets.open(input.dataset)
    try {
      return featureValues(selection, input.row)
    } finally {
      selection.close()
    }
  })
})
