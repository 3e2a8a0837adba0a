import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { datasetUsers } from '../domain/bin'
import { datasetMeta, type DatasetMeta } from '../domain/dataset'
import { actor, onlooker } from '../domain/decision'
import { datasetSummary } from '../domain/dataset-summary'
import { inspection } from '../domain/inspection'
import { sampleKind } from '../domain/sample-kind'
import { readingOptions } from '../domain/reading-options'
import { pictureFacts } from '../domain/picture-facts'
import { columnRole } from '../domain/table-columns'
import { failureSchema } from '../domain/run'
import { trustedMark, trustedSet, trustNews } from '../domain/trusted-set'
import { act, actProgress, leaving, picture, pictureLook, pictureSide, procedure } from './base'

const byId = z.object({ dataset: z.string() })
const turn = byId.extend({ ...leaving.shape, ...onlooker.shape })

export const sourceChoice = z.object({
  /** A path, a bundled sample's name, or the path that an upload answered. */
  source: z.string().min(1),
  name: z.string().optional(),
  truth: z.string().optional(),
  /** Name or id of the dataset that it is to be a version of: its manifest.json says what changed, else what examples hold. */
  versionOf: z.string().optional(),
  ...readingOptions.shape
})
export type SourceChoice = z.infer<typeof sourceChoice>

export const sampleChoice = z.object({
  kind: sampleKind.default('digits'),
  noise: z.number().min(0).max(0.9).default(0.3)
})

/** A cell of a table as it stands there, or a number of another vector. */
export const featureValue = z.object({
  name: z.string(),
  text: z.string(),
  role: columnRole,
  /** Whether anything is learned from it. */
  isFeature: z.boolean()
})
export type FeatureValue = z.infer<typeof featureValue>

export const datasets = {
  /** Newest first. */
  list: procedure.output(z.custom<DatasetMeta[]>(Array.isArray)),
  /** Datasets whose files are gone, cut or changed, and why. */
  damage: procedure.output(z.array(z.object({ dataset: z.string(), failure: failureSchema }))),
  get: procedure.input(byId).output(z.object({ meta: datasetMeta, summary: datasetSummary })),
  /** What an import assistant shows; writes nothing. */
  inspect: procedure.input(sourceChoice).output(inspection),
  /** Import, as a job: it goes on when the stream is left; `jobs.cancel` ends it. */
  import: procedure
    .input(sourceChoice)
    .output(
      eventIterator(
        z.discriminatedUnion('type', [
          actProgress,
          z.object({ type: z.literal('done'), dataset: datasetMeta })
        ])
      )
    ),
  /** The bundled digits, or a table or texts made on the spot, with some labels made wrong, a trusted split beside them, and the truth to score by. */
  importSample: procedure.input(sampleChoice).output(datasetMeta),
  rename: procedure.input(byId.extend({ name: z.string().min(1) })).output(datasetMeta),
  /** What would miss it. */
  users: procedure.input(byId).output(datasetUsers),
  /** Into the bin; refused while a run uses it, and where ended runs refer to it unless that is confirmed. */
  remove: procedure
    .input(byId.extend({ confirmed: z.boolean().default(false) }))
    .output(z.object({ undo: z.string() })),
  restore: procedure.input(z.object({ undo: z.string() })).output(datasetMeta),
  /** Labels of all rows, as class indices. */
  labels: procedure.input(byId).output(
    z.object({
      // Looking at each of a hundred thousand would keep everybody else waiting.
      given: z.custom<number[]>(Array.isArray),
      /** Where known. */
      truth: z.custom<number[]>(Array.isArray).nullable(),
      files: z.array(z.string()).nullable()
    })
  ),
  /** A page of examples as one picture, laid out by atlasGrid of shared/contract/atlas; at most 1024 rows. */
  atlas: procedure
    .input(
      byId.extend({
        rows: z.array(z.int().nonnegative()).max(1024),
        tileSize: z.int().min(8).max(256),
        look: pictureLook
      })
    )
    .output(picture),
  /** One example: the file it came from in its own proportions where that was kept, else its pixels as imported. */
  image: procedure
    .input(byId.extend({ row: z.int().nonnegative(), look: pictureLook, side: pictureSide }))
    .output(picture),
  pictureFacts: procedure.input(byId.extend({ row: z.int().nonnegative() })).output(pictureFacts),
  /** The cells of one row of a table, in the order of its columns; empty for images. */
  values: procedure.input(byId.extend({ row: z.int().nonnegative() })).output(z.array(featureValue))
}

export const trust = {
  /** Marks, a page at a time, with what is true of all of them. */
  get: procedure
    .input(
      byId.extend({
        from: z.int().nonnegative().default(0),
        most: z.int().min(1).max(20_000).default(5000),
        ...onlooker.shape
      })
    )
    .output(trustedSet),
  /** What is trusted, then every change of it, whoever made it. */
  watch: procedure
    .input(byId.extend(onlooker.shape))
    .output(eventIterator(trustNews.extend({ isAll: z.boolean() }))),
  /** Classes that an example likely has by the examples most alike, the likeliest first; no run is needed. */
  likely: procedure
    .input(byId.extend({ row: z.int().nonnegative(), most: z.int().min(1).max(20).default(9) }))
    .output(z.array(z.int())),
  /** One act: undone together. Saved at once. A label other than the given one corrects it, in exports and runs too. */
  mark: act.input(byId.extend({ marks: z.array(trustedMark), ...actor.shape })).output(trustNews),
  unmark: act.input(byId.extend({ rows: z.array(z.int().nonnegative()), ...actor.shape })).output(trustNews),
  /** Takes back the reader's own last act, or that of a reader who has left. */
  undo: act.input(turn).output(trustNews),
  redo: act.input(turn).output(trustNews),
  /** Take a split or another dataset as trusted instead of the marks; null goes back to the marks. */
  useReference: procedure
    .input(byId.extend({ reference: z.string().nullable(), ...onlooker.shape }))
    .output(trustNews)
}
