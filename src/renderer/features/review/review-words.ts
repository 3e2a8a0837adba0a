import { count, percent } from '@shared/words/numbers'
import type { Verdict } from '@shared/domain/reviewer'
import type { ReviewDecision } from '@shared/domain/review'
import type { Gain } from './expected-gain'

/** "drop", "keep", "relabel to cat". */
export function decisionWords(
  { action, label }: Pick<ReviewDecision, 'action' | 'label'>,
  names: readonly string[]
): string {
  return action === 'relabel' ? `relabel to ${names[label ?? -1] ?? '?'}` : action
}

/** Where the run gives no probabilities, so many judged examples have to speak for what is expected of the others. */
export const FEWEST_JUDGED = 10

/** What stands for the expected gain where nothing speaks for it yet. */
export function unknownWords(judged: number): string {
  const so = judged === 0 ? '' : ` (${count(judged)} so far)`
  return `How many of these are really wrong the run cannot tell from these data. Judge the first ones by themselves: from ${FEWEST_JUDGED} on${so} this says what to expect.`
}

/** Expected gain of taking the most suspicious, in words. */
export function gainWords({ taken, wrongTaken, left, wrongLeft }: Gain): string {
  if (taken === 0) return 'Nothing is taken. Move the slider to take the most suspicious examples.'
  const wrong = Math.round(wrongTaken)
  const share = left === 0 ? 0 : wrongLeft / left
  return `Of these ${count(taken)}, about ${count(wrong)} are likely wrong and ${count(taken - wrong)} right. Among the ${count(left)} others about ${count(Math.round(wrongLeft))} wrong labels (${percent(share)}) would remain.`
}

/** The same by the true labels. */
export function knownWords({ taken, wrongTaken, left, wrongLeft }: Gain): string {
  const share = left === 0 ? 0 : wrongLeft / left
  if (taken === 0) return `${count(wrongLeft)} of ${count(left)} labels are wrong (${percent(share)}).`
  return `${count(wrongTaken)} of ${count(taken)} taken are wrong (precision ${percent(wrongTaken / taken)}); ${count(wrongLeft)} wrong labels (${percent(share)}) would remain.`
}

/** What each said of an example: "Ada: keep; Ben: relabel to cat". */
export function verdictWords(verdicts: readonly Verdict[], names: readonly string[]): string {
  return verdicts.map((verdict) => `${verdict.by}: ${decisionWords(verdict, names)}`).join('; ')
}
