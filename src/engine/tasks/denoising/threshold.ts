import { cheapestCut, SCORE_SLOPE } from '../../../shared/domain/prices'
import type { Prices } from '../../../shared/domain/prices'

/**
 * Where a distribution of scores in [0, 1] parts in two: the cut that maximises the variance between the two
 * groups (Otsu 1979), on 256 bins. Scores part in two, but where they part moves with the share of wrong
 * labels and the length of the run, so no fixed threshold serves.
 */
export function partingThreshold(scores: Float32Array): number {
  const bins = 256
  const counts = new Float64Array(bins)
  for (const score of scores) counts[Math.min(bins - 1, Math.max(0, Math.floor(score * bins)))]! += 1
  let totalMass = 0
  let totalMoment = 0
  counts.forEach((count, bin) => {
    totalMass += count
    totalMoment += count * bin
  })
  let best = 0
  let bestVariance = -1
  let mass = 0
  let moment = 0
  for (let bin = 0; bin < bins - 1; bin++) {
    mass += counts[bin]!
    moment += counts[bin]! * bin
    if (mass === 0 || mass === totalMass) continue
    const difference = moment / mass - (totalMoment - moment) / (totalMass - mass)
    const variance = mass * (totalMass - mass) * difference * difference
    if (variance > bestVariance) {
      bestVariance = variance
      best = bin
    }
  }
  return (best + 1) / bins
}

/**
 * The cut of a score that is no probability, moved from where right and wrong are even to where flags are cheapest.
 * @param cut where right and wrong are even
 */
export function cutByPrices(cut: number, prices: Prices): number {
  const right = cheapestCut(prices)
  const odds = (p: number): number => Math.log(p / (1 - p))
  const even = Math.min(0.999, Math.max(0.001, cut))
  return 1 / (1 + Math.exp(-(odds(even) + odds(right) / SCORE_SLOPE)))
}

/**
 * The score below which a contradicted label is believed wrong. A first cut where the scores part gives the
 * share of suspects; half that share is the final cut. Where few labels are wrong, a middling score is more
 * likely a hard example than an error, so the cut must fall with the share, as the prior in Bayes' rule would
 * have it (docs/experiments.md, "Where to cut", measures it against fixed cuts and a mixture model).
 * @param scores combined scores, low is bad
 * @param contradicted whether the classifiers predict another class than the label
 */
export function cutByShare(scores: Float32Array, contradicted: (row: number) => boolean): number {
  const first = partingThreshold(scores)
  let suspects = 0
  scores.forEach((score, row) => {
    if (score < first && contradicted(row)) suspects++
  })
  return suspects / scores.length / 2
}
