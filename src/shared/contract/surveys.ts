import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { actor, onlooker, decisionNews, decisionStream } from '../domain/decision'
import { mapLayout, survey } from '../domain/finding'
import { health } from '../domain/health'
import { job } from '../domain/job'
import { reviewChange } from '../domain/review'
import { CHANGE_KINDS, datasetVersion, versionComparison } from '../domain/version'
import { LONGEST_QUESTION } from '../domain/where'
import { act, leaving, picture, procedure } from './base'

const byDataset = z.object({ dataset: z.string() })
const turn = byDataset.extend({ ...leaving.shape, ...onlooker.shape })

/** What is found in a dataset beside wrong labels, its map, and what people exclude from it. */
export const surveys = {
  /** Null where none was made yet. */
  get: procedure.input(byDataset).output(survey.nullable()),
  /** What can be said of the dataset as a whole: labels, newest run, survey. */
  health: procedure.input(byDataset).output(health),
  /** The versions of the dataset, the first one first, with what a run says of each. */
  versions: procedure.input(byDataset).output(z.array(datasetVersion)),
  /** Two versions, decision by decision, a page at a time; by default with the one that this was made from. */
  compareVersions: procedure
    .input(
      byDataset.extend({
        before: z.string().optional(),
        kind: z.enum(CHANGE_KINDS).default('all'),
        from: z.int().nonnegative().default(0),
        most: z.int().min(1).max(1000).default(200)
      })
    )
    .output(versionComparison),
  /** Rows that a question asks for (shared/domain/where.ts), ascending. */
  find: procedure
    .input(byDataset.extend({ where: z.string().max(LONGEST_QUESTION) }))
    .output(z.custom<number[]>(Array.isArray)),
  /** Survey a dataset and lay out its map, as a job; what is there already is not made again. */
  start: procedure.input(byDataset.extend({ layout: mapLayout.default('pca') })).output(job),
  /** Places of all rows, float32 little-endian [rows, 2]; null where they are not laid out yet. */
  map: procedure.input(byDataset.extend({ layout: mapLayout })).output(picture.nullable()),
  /** Runs that looked for wrong labels in the dataset and left what they found, also where they were ended early; newest first. */
  runs: procedure.input(byDataset).output(z.array(z.string())),
  /** What a run that found wrong labels says of the rows of a dataset. */
  run: procedure.input(byDataset.extend({ run: z.string() })).output(
    z.object({
      /** Combined score 0..1, low is bad; null for rows that the run did not train on. */
      scores: z.custom<(number | null)[]>(Array.isArray),
      suggested: z.custom<(number | null)[]>(Array.isArray),
      flagged: z.custom<number[]>(Array.isArray),
      decided: z.array(z.object({ row: z.int(), action: z.enum(['keep', 'drop', 'relabel']) }))
    })
  ),
  /** How far the weight of each row rose or fell over a run, -1..1; null for rows that it did not train on. */
  weightChanges: procedure
    .input(byDataset.extend({ run: z.string() }))
    .output(z.custom<(number | null)[]>(Array.isArray)),
  /** Rows that are left out of exports and new runs, or that somebody looked at and keeps: what stands, then every change. */
  watch: procedure.input(byDataset.extend(onlooker.shape)).output(eventIterator(decisionStream)),
  /** One act: all changes are undone together. Rows are dropped or kept; labels are corrected by `trust.mark`. */
  decide: act
    .input(byDataset.extend({ changes: z.array(reviewChange).min(1), summary: z.string(), ...actor.shape }))
    .output(decisionNews),
  undo: act.input(turn).output(decisionNews),
  redo: act.input(turn).output(decisionNews)
}
