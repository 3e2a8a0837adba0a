import { wilsonInterval } from './rate-interval'

/** Below this, an interval would say nothing. */
const FEWEST = 20

export interface Kappa {
  readonly both: number
  readonly agreed: number
  /** -1..1; null where all say one and the same, or nothing is said. */
  readonly kappa: number | null
  /** Of 95 %; null for fewer than 20. */
  readonly interval: readonly [number, number] | null
}

/**
 * Cohen's kappa of two people: how far they agree beyond what their own habits would make them agree by chance.
 * The interval takes that chance as known (Cohen 1960), with Wilson's interval of the observed agreement, which keeps its
 * width where all agree.
 * @param pairs what the two say of each example that both judged
 */
export function cohensKappa(pairs: readonly (readonly [string, string])[]): Kappa {
  const both = pairs.length
  const [first, second] = [countsOf(pairs.map(([a]) => a)), countsOf(pairs.map(([, b]) => b))]
  const agreed = pairs.filter(([a, b]) => a === b).length
  let chance = 0
  for (const [word, count] of first) chance += (count / both) * ((second.get(word) ?? 0) / both)
  if (both === 0 || (first.size === 1 && second.size === 1 && agreed === both))
    return { both, agreed, kappa: null, interval: null }
  const beyond = (rate: number): number => (rate - chance) / (1 - chance)
  const [low, high] = wilsonInterval(agreed, both)
  return {
    both,
    agreed,
    kappa: beyond(agreed / both),
    interval: both < FEWEST ? null : [Math.max(-1, beyond(low)), beyond(high)]
  }
}

function countsOf(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
