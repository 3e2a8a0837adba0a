import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { annotations as written, LONGEST_NOTE, tag } from '../domain/annotation'
import { actor } from '../domain/decision'
import { LONGEST_QUESTION } from '../domain/where'
import { procedure } from './base'

const byDataset = z.object({ dataset: z.string() })

/** Tags and notes on the examples of a dataset, and questions with a name. */
export const annotations = {
  /** What stands, then again whenever it has changed, whoever changed it. */
  watch: procedure.input(byDataset).output(eventIterator(written)),
  /** Put tags on examples and take others from them; says how many were not so before. */
  tag: procedure
    .input(
      byDataset.extend({
        rows: z.array(z.int().nonnegative()).min(1),
        add: z.array(tag).max(20).default([]),
        remove: z.array(tag).max(20).default([]),
        by: actor.shape.by
      })
    )
    .output(z.object({ added: z.int(), removed: z.int() })),
  /** The row of a dataset that a training example of a run is; null where it is none of this workspace's. */
  place: procedure
    .input(z.object({ run: z.string(), row: z.int().nonnegative() }))
    .output(z.object({ dataset: z.string(), row: z.int() }).nullable()),
  /** An empty note takes it away. */
  note: procedure.input(
    byDataset.extend({
      row: z.int().nonnegative(),
      note: z.string().trim().max(LONGEST_NOTE),
      by: actor.shape.by
    })
  ),
  /** Keep a question under a name; null forgets it. */
  saveQuestion: procedure.input(
    byDataset.extend({
      name: z.string().trim().min(1).max(60),
      where: z.string().max(LONGEST_QUESTION).nullable()
    })
  )
}
