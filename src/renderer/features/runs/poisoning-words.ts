import { counted, percent } from '@shared/words/numbers'
import type { CleanLabelMetrics } from '@shared/domain/clean-label-metrics'
import type { Damage, PoisoningMetrics } from '@shared/domain/poisoning-metrics'
import type { PoisoningSpec } from '@shared/domain/task-spec'

export type Condition = 'clean' | 'labelFlip' | 'poisoned'

export const CONDITION_WORDS: Readonly<Record<Condition, string>> = {
  clean: 'clean data',
  labelFlip: 'plain label flips',
  poisoned: 'poisoned data'
}

/** What an attack is judged by: accuracy lost, or examples of one class taken for another. */
export type DamageName = 'testAccuracy' | 'successRate' | 'otherAccuracy'

/** Measured on the test examples; on those of validation where there are none. */
export function measuredDamage(metrics: PoisoningMetrics): Damage {
  return metrics.testAccuracy.clean === null && metrics.testAccuracy.poisoned === null
    ? metrics.validation
    : metrics
}

export function damageName({ attack }: Pick<PoisoningMetrics, 'attack'>): DamageName {
  return attack === 'targeted' ? 'successRate' : 'testAccuracy'
}

/** What the number is called, with the classes of a targeted attack. */
export function damageTitle({ attack, fromClass, toClass }: PoisoningSpec, on: Damage['on']): string {
  return attack === 'targeted'
    ? `Share of “${fromClass}” taken for “${toClass}”, ${on} data`
    : `Accuracy of a retrained classifier, ${on} data`
}

/** One rate a condition, with its interval where one was measured. */
export function conditionRates(
  damage: Damage,
  name: DamageName
): { condition: Condition; value: number; interval?: [number, number] | undefined }[] {
  return (['clean', 'labelFlip', 'poisoned'] as const).flatMap((condition) => {
    const value = damage[name]?.[condition]
    if (value === null || value === undefined) return []
    const estimate = damage.intervals[name]?.[condition]
    return [{ condition, value, interval: estimate ? [estimate.low, estimate.high] : undefined }]
  })
}

/** Points of a curve of damage against the number of poisons. */
export function budgetSeries(
  metrics: PoisoningMetrics
): { name: string; points: { x: number; value: number; low: number; high: number }[] }[] {
  const name = damageName(metrics)
  const curve = [...(metrics.budgetCurve ?? [])].sort((a, b) => a.count - b.count)
  const clean = curve.map((point) => point.intervals[name]?.clean).find((found) => found)
  const start = clean ? [{ x: 0, value: clean.rate, low: clean.low, high: clean.high }] : []
  return (['poisoned', 'labelFlip'] as const).flatMap((condition) => {
    const points = curve.flatMap(({ count, intervals }) => {
      const found = intervals[name]?.[condition]
      return found ? [{ x: count, value: found.rate, low: found.low, high: found.high }] : []
    })
    return points.length > 0 ? [{ name: CONDITION_WORDS[condition], points: [...start, ...points] }] : []
  })
}

/** The outcome in sentences: what was done, what it did, and whether that is more than wrong labels alone do. */
export function poisoningVerdict(metrics: PoisoningMetrics, spec: PoisoningSpec): string[] {
  const damage = measuredDamage(metrics)
  const share = `With ${counted(metrics.count, 'poison')} added (${percent(metrics.share)} of the training examples)`
  const sentences =
    metrics.attack === 'targeted'
      ? targetedSentences(share, damage, spec)
      : untargetedSentences(share, damage)
  const compared = beyondFlips(damage, damageName(metrics))
  return compared ? [...sentences, compared] : sentences
}

function untargetedSentences(share: string, { on, testAccuracy }: Damage): string[] {
  const { clean, labelFlip, poisoned } = testAccuracy
  if (clean === null || poisoned === null) return [`${share}, no victim was measured.`]
  const sentences = [
    `${share}, a retrained classifier goes from ${percent(clean)} to ${percent(poisoned)} ${on} accuracy: ${change(clean, poisoned)}.`
  ]
  if (labelFlip !== null) {
    sentences.push(
      `The same examples with flipped labels alone: ${percent(labelFlip)}, ${change(clean, labelFlip)}.`
    )
  }
  return sentences
}

function targetedSentences(share: string, damage: Damage, spec: PoisoningSpec): string[] {
  const { clean, labelFlip, poisoned } = damage.successRate ?? damage.testAccuracy
  if (clean === null || poisoned === null) return [`${share}, no victim was measured.`]
  const sentences = [
    `${share}, a retrained classifier takes ${percent(poisoned)} of “${spec.fromClass}” for “${spec.toClass}”; without them it is ${percent(clean)}.`
  ]
  if (labelFlip !== null) sentences.push(`Flipped labels alone: ${percent(labelFlip)}.`)
  const other = damage.otherAccuracy
  if (other && other.clean !== null && other.poisoned !== null) {
    sentences.push(
      `Accuracy on the other classes goes from ${percent(other.clean)} to ${percent(other.poisoned)}.`
    )
  }
  return sentences
}

/** A difference of shares in points, its sign always there: −8.8, +1.0. */
export function signedPoints(difference: number): string {
  const points = (100 * difference).toFixed(1)
  return difference < 0 ? points.replace('-', '−') : `+${points}`
}

function change(from: number, to: number): string {
  const points = Math.abs(100 * (from - to)).toFixed(1)
  return to <= from ? `${points} points lost` : `${points} points gained`
}

/** Whether the optimisation did more than its starting points, by intervals that do not meet. */
function beyondFlips(damage: Damage, name: DamageName): string | undefined {
  const { labelFlip, poisoned } = damage.intervals[name] ?? {}
  if (!labelFlip || !poisoned) return undefined
  const apart = name === 'successRate' ? poisoned.low > labelFlip.high : poisoned.high < labelFlip.low
  return apart
    ? 'The 95 % intervals of the two do not meet: optimising the poisons did more than wrong labels alone.'
    : 'The 95 % intervals of the two meet: it cannot be told from chance whether optimising did more than wrong labels alone.'
}

/** What denoising made of the poisoned set, in sentences. */
export function defenceWords(
  {
    poisons,
    caught,
    recall,
    cleanFlagged,
    cleanShare,
    victimAfter
  }: NonNullable<PoisoningMetrics['defence']>,
  name: DamageName,
  before: number | null | undefined
): string[] {
  const after = victimAfter[name]?.poisoned
  const sentences = [
    `Denoising flagged ${caught} of ${counted(poisons, 'poison')} (${percent(recall)}), and with them ${counted(cleanFlagged, 'clean example')} (${percent(cleanShare)} of the clean ones).`
  ]
  if (after !== null && after !== undefined && before !== null && before !== undefined) {
    const what = name === 'successRate' ? 'success rate' : 'accuracy'
    sentences.push(
      `Trained on what is left, a classifier has ${percent(after)} ${what}, instead of ${percent(before)}.`
    )
  }
  return sentences
}

export function cleanLabelVerdict(metrics: CleanLabelMetrics): string[] {
  const { successes, targets, netSuccesses, netInterval, poisonsPerTarget, perturbation, duplicate } = metrics
  const each = poisonsPerTarget === 1 ? 'one poison each' : `${poisonsPerTarget} poisons each`
  return [
    `${successes} of ${counted(targets, 'target')} are misread by a classifier retrained with ${each}.`,
    duplicate.successes > 0
      ? `Unchanged copies of the bases do the same for ${duplicate.successes}, which leaves ${netSuccesses} to the poisons (95 % interval of the net rate: ${percent(netInterval[0], 0)} to ${percent(netInterval[1], 0)}).`
      : `Unchanged copies of the bases do it for none, so all ${netSuccesses} are the poisons' own (95 % interval: ${percent(netInterval[0], 0)} to ${percent(netInterval[1], 0)}).`,
    `${metrics.becameTarget > 0 ? 'The labels of the poisons are those of their bases' : 'The labels of the poisons are true'}; their pixels changed by ${perturbation.linf.mean.toFixed(3)} at most (Linf, mean over poisons) and ${perturbation.l2.mean.toFixed(2)} in all (L2).`
  ]
}

/** How the attack on one target ended, in a few words. */
export function trialWords(trial: CleanLabelMetrics['trials'][number]): { text: string; hit: boolean } {
  const hit = trial.success && !trial.duplicateSuccess
  const text = trial.success
    ? trial.duplicateSuccess
      ? `read as ${trial.poisonClass}, but an unchanged copy does that too`
      : `hit: read as ${trial.poisonClass}`
    : `missed: not read as ${trial.poisonClass}`
  return { text: trial.becameTarget ? `${text}; the poison became the target` : text, hit }
}
