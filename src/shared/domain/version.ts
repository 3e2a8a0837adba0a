import * as z from 'zod'
import { estimate } from './health'

/** A dataset among its versions. */
export const datasetVersion = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.string(),
  examples: z.int(),
  /** The version that it was made from; null: the first, or what it was made from is gone. */
  of: z.string().nullable(),
  /** What differs from that one; null where there is none. */
  changed: z.object({ kept: z.int(), relabelled: z.int(), removed: z.int(), added: z.int() }).nullable(),
  /** What the newest run on it says of its labels; null where none has looked. */
  run: z
    .object({
      id: z.string(),
      name: z.string(),
      seen: z.int(),
      flagged: z.int(),
      /** Null where the run gives no probabilities. */
      wrong: estimate.nullable()
    })
    .nullable()
})
export type DatasetVersion = z.infer<typeof datasetVersion>

/** What became of one example between two versions. */
export const versionChange = z.object({
  /** In the version that is compared with; null: it is new. */
  row: z.int().nullable(),
  /** In the other; null: it was removed. */
  now: z.int().nullable(),
  file: z.string().nullable(),
  /** Label before; null where it is new. */
  given: z.string().nullable(),
  /** Label after; null where it was removed. */
  label: z.string().nullable(),
  change: z.enum(['removed', 'relabelled', 'kept', 'added']),
  /** Who decided, where somebody or a rule did. */
  by: z.string().nullable(),
  at: z.string().nullable(),
  decidedBy: z.string().nullable(),
  /** What the newest run on the later version says of it. */
  later: z
    .object({
      flagged: z.boolean(),
      suggested: z.string().nullable(),
      /** In its review. */
      decision: z.enum(['keep', 'drop', 'relabel']).nullable()
    })
    .nullable()
})
export type VersionChange = z.infer<typeof versionChange>

/** Which changes of two versions are meant: `doubted` are those that a later run flags. */
export const CHANGE_KINDS = ['all', 'removed', 'relabelled', 'kept', 'added', 'doubted'] as const
export type ChangeKind = (typeof CHANGE_KINDS)[number]

/** Two versions of a dataset, decision by decision. */
export const versionComparison = z.object({
  before: z.object({ id: z.string(), name: z.string(), examples: z.int() }),
  after: z.object({ id: z.string(), name: z.string(), examples: z.int() }),
  /** Of the examples that are in both, or were. */
  counts: z.object({
    /** Their label is the same. */
    kept: z.int(),
    /** Of these, so decided by somebody. */
    decidedKept: z.int(),
    relabelled: z.int(),
    removed: z.int(),
    added: z.int(),
    /** In the later version, and flagged by its newest run. */
    doubted: z.int()
  }),
  /** The newest run on the later version, whose flags and review are told. */
  run: z.object({ id: z.string(), name: z.string() }).nullable(),
  /** A page of what changed, was decided or is doubted now, by row. */
  changes: z.array(versionChange),
  /** How many there are of the kind that was asked for. */
  total: z.int()
})
export type VersionComparison = z.infer<typeof versionComparison>
