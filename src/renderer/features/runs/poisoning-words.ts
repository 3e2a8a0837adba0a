import { counted, percent } from '@shared/words/numbers'
import type { CleanLabelMetrics } from '@shared/domain/clean-label-metrics'
import type { Damage, PoisoningMetrics } from '@shared/domain/poisoning-metrics'
import { damageName } from '@shared/tasks/poisoning'
import type { DamageName } from '@shared/tasks/poisoning'
import type { PoisoningSpec } from '@shared/domain/task-spec'

export type Condition = 'clean' | 'labelFlip' | 'poisoned'

export const CONDITION_WORDS: Readonly<Record<Condition, string>> = {
  clean: 'clean data',
  labelFlip: 'plain label flips',
  poisoned: 'poisoned data'
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

/** A difference of shares in points, its sign always there: −8.8, +1.0. */
export function signedPoints(difference: number): string {
  const points = (100 * difference).toFixed(1)
  return difference < 0 ? points.replace('-', '−') : `+${points}`
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
