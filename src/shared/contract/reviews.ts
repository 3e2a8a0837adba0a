import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { datasetFormat } from '../domain/dataset'
import { actor, onlooker, decisionNews, decisionStream, standingDecision } from '../domain/decision'
import { issueTable, neighbour, review, reviewChange } from '../domain/review'
import { partOrder, reviewers } from '../domain/reviewer'
import { LONGEST_NAME } from '../domain/reviewer-name'
import { taskSpec } from '../domain/task-spec'
import { LONGEST_QUESTION } from '../domain/where'
import { act, actProgress, leaving, procedure } from './base'

const byRun = z.object({ run: z.string() })
const part = z.object({ name: z.string().max(LONGEST_NAME), rows: z.array(z.int().nonnegative()) })
const turn = byRun.extend({ ...leaving.shape, ...onlooker.shape })

export const reviews = {
  /** Decisions that stand, a page at a time. */
  get: procedure
    .input(
      byRun.extend({
        from: z.int().nonnegative().default(0),
        most: z.int().min(1).max(20_000).default(5000),
        ...onlooker.shape
      })
    )
    .output(review),
  /** What stands, then every change of it, whoever made it. */
  watch: procedure.input(byRun.extend(onlooker.shape)).output(eventIterator(decisionStream)),
  issues: procedure.input(byRun).output(issueTable),
  /** What was decided on flagged examples while trusted ones were marked, as it stands now. */
  vouched: procedure.input(byRun).output(z.array(standingDecision)),
  /** One act: all changes are undone together. Saved at once. */
  decide: act
    .input(
      byRun.extend({
        changes: z.array(reviewChange).min(1),
        summary: z.string(),
        /** What several people said was in view: what is decided now settles it. */
        settles: z.boolean().default(false),
        ...actor.shape
      })
    )
    .output(decisionNews),
  /** Who reviews, what each has to do, where they disagree and how far they agree. */
  reviewers: procedure.input(byRun).output(reviewers),
  /** Give people the most suspicious flagged examples that nobody decided on or was given; says how many. */
  assign: procedure
    .input(byRun.extend({ ...partOrder.shape, by: actor.shape.by }))
    .output(z.object({ assigned: z.array(part.extend({ examples: z.int() })) })),
  /** Take a person's part back, or these rows of it; what was judged in it stays. */
  unassign: procedure
    .input(byRun.extend({ from: z.string().max(LONGEST_NAME), rows: part.shape.rows.optional() }))
    .output(z.object({ examples: z.int(), rows: part.shape.rows })),
  /** Give a person these rows: what undoes that they were taken back. */
  reassign: procedure.input(byRun.extend({ ...part.shape, by: actor.shape.by })).output(part),
  /** Takes back the reader's own last act, or that of a reader who has left. */
  undo: act.input(turn).output(decisionNews),
  redo: act.input(turn).output(decisionNews),
  /** The example's importance weight after each epoch. */
  trajectory: procedure
    .input(byRun.extend({ row: z.int().nonnegative() }))
    .output(z.object({ weights: z.array(z.number()) })),
  /** Nearest trusted examples of the given class and of the suggested one. */
  neighbours: procedure
    .input(byRun.extend({ row: z.int().nonnegative(), count: z.int().min(1).max(12).default(4) }))
    .output(z.object({ given: z.array(neighbour), suggested: z.array(neighbour) })),
  /** Classes that an example likely has by the training examples most alike, the likeliest first. */
  likely: procedure
    .input(byRun.extend({ row: z.int().nonnegative(), most: z.int().min(1).max(20).default(9) }))
    .output(z.array(z.int())),
  /** The run's training examples that a question asks for (shared/domain/where.ts), ascending. */
  find: procedure
    .input(byRun.extend({ where: z.string().max(LONGEST_QUESTION) }))
    .output(z.custom<number[]>(Array.isArray)),
  /** A spec that goes on from this run with the decisions applied. */
  continuation: procedure.input(byRun).output(taskSpec)
}

export const exportManifest = z.object({
  schema: z.literal(1),
  createdAt: z.string(),
  /** Reference of the data it was made from. */
  source: z.string(),
  run: z.string().nullable(),
  format: datasetFormat,
  examples: z.int(),
  dropped: z.int(),
  relabelled: z.int(),
  /** Of the relabelled: corrected while trusted examples were marked. */
  corrected: z.int(),
  kept: z.int(),
  files: z.array(z.object({ path: z.string(), sha256: z.string(), bytes: z.number() }))
})
export type ExportManifest = z.infer<typeof exportManifest>

/** What to do with flagged examples that nobody decided about. */
export const undecidedPolicy = z.enum(['drop', 'keep', 'relabel'])
export type UndecidedPolicy = z.infer<typeof undecidedPolicy>

const exportSubject = z.object({
  run: z.string().nullable().default(null),
  dataset: z.string().nullable().default(null),
  /** Of a poisoned dataset: leave out the rows that its manifest names. */
  withoutPoisons: z.boolean().default(false),
  /** Only examples that a question asks for (shared/domain/where.ts). */
  where: z.string().max(LONGEST_QUESTION).nullable().default(null)
})

export const exportOrder = exportSubject.extend({
  format: datasetFormat,
  out: z.string().min(1),
  undecided: undecidedPolicy.default('drop')
})

export const issuesOrder = z.object({
  run: z.string(),
  out: z.string().min(1),
  pictures: z.enum(['flagged', 'all']).default('flagged')
})

export const exports = {
  /** Formats that this data can be written in, the source's own first. */
  formats: procedure
    .input(z.object({ run: z.string().nullable(), dataset: z.string().nullable() }))
    .output(z.array(z.object({ format: datasetFormat, text: z.string(), proposed: z.boolean() }))),
  /** What would be written, counted. */
  preview: procedure.input(exportSubject.extend({ undecided: undecidedPolicy.default('drop') })).output(
    z.object({
      kept: z.int(),
      dropped: z.int(),
      relabelled: z.int(),
      /** Of the relabelled: corrected while trusted examples were marked. */
      corrected: z.int(),
      undecided: z.int(),
      /** Not asked for, whatever was decided. */
      unasked: z.int(),
      /** Poisons among what would be written, by the source's manifest; null: there may be any number. */
      poisons: z.int().nullable()
    })
  ),
  /**
   * Write a cleaned dataset (a run with its decisions applied) or a copy of a dataset; then read it back and
   * compare. A job: it goes on when the stream is left; `jobs.cancel` ends it and leaves nothing behind.
   */
  write: procedure.input(exportOrder).output(
    eventIterator(
      z.discriminatedUnion('type', [
        actProgress,
        z.object({
          type: z.literal('done'),
          out: z.string(),
          manifest: exportManifest,
          check: z.object({ examples: z.int(), largestDifference: z.number() }),
          /** Where the served window can fetch it as one zip; null on the desktop. */
          download: z.string().nullable()
        })
      ])
    )
  ),
  /**
   * What the run suspects and what was decided, for other tools: issues.csv (cleanlab), and for images pictures
   * with labels.json (FiftyOne) and label-studio.json. A job, as `write` is.
   */
  issues: procedure.input(issuesOrder).output(
    eventIterator(
      z.discriminatedUnion('type', [
        actProgress,
        z.object({
          type: z.literal('done'),
          out: z.string(),
          /** Files written, relative. */
          files: z.array(z.string()),
          download: z.string().nullable()
        })
      ])
    )
  )
}
