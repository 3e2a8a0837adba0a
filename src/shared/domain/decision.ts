import * as z from 'zod'
import { Failure } from './failure'
import type { FailureData } from './failure'
import { reviewerName } from './reviewer-name'
import { failureSchema } from './run'

/** What a person decided about one example, who, and when. */
export const decision = z.object({
  action: z.enum(['keep', 'drop', 'relabel']),
  /** The class index that stands now; for relabel only. */
  label: z.int().nonnegative().optional(),
  /**
   * Somebody looked at this example by itself: true. One of many that a rule took: absent. Only the former say
   * anything of how good the scores are. Set by the store.
   */
  judged: z.literal(true).optional(),
  /** Decided with what several people had said in view: their disagreement is settled. Set by the store. */
  settled: z.literal(true).optional(),
  /** Name of the user. */
  by: z.string(),
  at: z.string()
})
export type Decision = z.infer<typeof decision>

/** A decision on its way: the store adds who and when. */
export const newDecision = decision.omit({ judged: true, settled: true, by: true, at: true })
export type NewDecision = z.infer<typeof newDecision>

/** A decision that stands, with its row. */
export const standingDecision = decision.extend({ row: z.int().nonnegative() })
export type StandingDecision = z.infer<typeof standingDecision>

/** Rows that changed, and what the reader can turn. The answer to an act, and what other readers are told of it. */
export const decisionNews = z.object({
  /**
   * Every act, undo and redo counts one: as of this one that is so. Earlier ones may be told of later, by the stream.
   */
  revision: z.int().nonnegative(),
  /** Rows that changed. */
  touched: z.array(z.int().nonnegative()),
  /** What stands on them now: nothing on those that are touched and not here. */
  decisions: z.array(standingDecision),
  /** What undo would take back for this reader, e.g. "drop 112 examples"; null when there is nothing. */
  undo: z.string().nullable(),
  redo: z.string().nullable()
})
export type DecisionNews = z.infer<typeof decisionNews>

/** Rows, and what stands on them; nothing on those without a decision. */
export type Touched = Pick<DecisionNews, 'touched' | 'decisions'>

/** News on their way to one who looks on. */
export const decisionStream = decisionNews.extend({
  /** Whether everything up to that revision has been told; if not, the rest follows at once. */
  isAll: z.boolean()
})
export type DecisionStream = z.infer<typeof decisionStream>

/** Decisions by row, and the row that the next page begins with. */
export const decisionPage = z.object({
  decisions: z.array(standingDecision),
  next: z.int().nonnegative().nullable()
})
export type DecisionPage = z.infer<typeof decisionPage>

/** Who acts, and what they had seen; both may be left out by what acts alone. */
export const actor = z.object({
  /** Any text that is this window's or tab's alone; the connection by default. Undo takes back its own acts. */
  reader: z.string().max(100).optional(),
  /** Who sits there, by name; whoever started the workbench by default. Undo takes back nobody else's acts. */
  by: reviewerName.optional(),
  /**
   * What the reader has seen: the last revision that its stream told of. An act on a row that somebody else changed
   * since is refused. Left out, whatever stands is overwritten.
   */
  revision: z.int().nonnegative().optional()
})

/** Who looks on. */
export const onlooker = actor.pick({ reader: true, by: true })
export type Onlooker = z.infer<typeof onlooker>

/** A failure that may say what stands now. */
export const conflictSchema = failureSchema.extend({
  standing: decisionNews.pick({ revision: true, touched: true, decisions: true }).optional()
})
export type ConflictData = z.infer<typeof conflictSchema>

const WORDS: Readonly<Record<Decision['action'], string>> = {
  keep: 'kept',
  drop: 'dropped',
  relabel: 'given a label'
}

/** An act that would overwrite what somebody else decided since its reader looked. */
export class Conflict extends Failure {
  constructor(
    readonly standing: Touched & {
      /** With which the act would not be refused: its reader has now been told. */
      readonly revision: number
    }
  ) {
    const { touched, decisions } = standing
    const [row] = touched
    const first = decisions.find((decision) => decision.row === row)
    const which = touched.length > 1 ? `${touched.length} examples were` : `Example ${row} was`
    const how = first ? `${WORDS[first.action]} by ${first.by}` : 'taken back'
    super(
      'conflict',
      `${which} decided elsewhere since you saw ${touched.length > 1 ? 'them' : 'it'} last: example ${row} is ${how} now.`,
      'Look at what stands now, then decide again or leave it.'
    )
  }

  override toData(): FailureData & Pick<Conflict, 'standing'> {
    return { ...super.toData(), standing: this.standing }
  }
}
