import type { Damage, PoisoningMetrics } from '../../../shared/domain/poisoning-metrics'

/** Accuracy that the other classes may lose before a targeted attack is called visible. */
const VISIBLE = 0.02

/** What the reader should know before using the result of an attack by added points. */
export function poisoningAdvice(metrics: PoisoningMetrics, tested: boolean): string[] {
  const found: Damage = tested ? metrics : metrics.validation
  const advice: string[] = []
  if (!tested) {
    advice.push(
      'There is no --test: damage was measured on the validation examples, which the attack has seen.'
    )
  }
  const name = metrics.attack === 'untargeted' ? 'testAccuracy' : 'successRate'
  const { labelFlip, poisoned } = found.intervals[name] ?? {}
  if (labelFlip && poisoned && overlap(labelFlip, poisoned)) {
    advice.push(
      'The interval of the poisoned victims overlaps that of plain label flips: optimising the poisons has gained nothing that can be told from chance. Try more --upper-steps, other learning rates or --method approx-grad.'
    )
  }
  const { otherAccuracy } = found
  if (otherAccuracy && otherAccuracy.clean !== null && otherAccuracy.poisoned !== null) {
    const lost = otherAccuracy.clean - otherAccuracy.poisoned
    if (lost > VISIBLE) {
      advice.push(
        `The other classes lost ${(100 * lost).toFixed(1)} points of accuracy: the attack shows. A larger --spare-others keeps them.`
      )
    }
  }
  if (metrics.attack === 'targeted' && otherAccuracy?.clean === null) {
    advice.push('There are no examples of other classes to tell whether the attack shows there.')
  }
  return advice
}

function overlap(a: { low: number; high: number }, b: { low: number; high: number }): boolean {
  return a.low <= b.high && b.low <= a.high
}
