import type { TimeLimit } from '../shared/task-run'

/** What a part of a run may take of the time that there is. */
export interface TimeBudget {
  /** Seconds left, below 0 where they are used up; infinite where nothing limits the run. */
  left(): number
}

/** Of a limited run's time, what judging labels may take at most: it is asked first, and learning gets what is left. */
export const JUDGING_SHARE = 0.75

export const UNLIMITED: TimeBudget = { left: () => Infinity }

/** A share of what is left of a run's time. */
export function budgetOf(limit: TimeLimit | undefined, share: number): TimeBudget {
  return limit ? partOf({ left: () => limit.secondsLeft() }, share) : UNLIMITED
}

/** A budget that is used up as soon as nobody wants more: what is asked last is left out then, as where time is short. */
export function whileWanted(budget: TimeBudget, isWanted: () => boolean): TimeBudget {
  return { left: () => (isWanted() ? budget.left() : 0) }
}

/** A share of what is left of a budget; what is not used of it remains there. */
export function partOf(budget: TimeBudget, share: number): TimeBudget {
  const others = (1 - share) * budget.left()
  return Number.isFinite(others) ? { left: () => budget.left() - others } : budget
}

export function isTimeUp(limit: TimeLimit | undefined): boolean {
  return limit !== undefined && limit.secondsLeft() <= 0
}

/** That labels were judged by less than is asked otherwise. */
export function sayCut({ isCut }: { readonly isCut: boolean }): string[] {
  return isCut
    ? [
        'The time limit cut short what judges the labels: the order of the review and the number of flags are less sure than those of a run with more time (--max-seconds).'
      ]
    : []
}
