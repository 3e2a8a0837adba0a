import type { Detection } from '../../../shared/domain/denoising-metrics'

/**
 * How well scores find wrong labels. Scores follow cleanlab's direction: low is bad. The positive class is
 * "wrong label".
 */
export function detectionOf(scores: Float32Array, flagged: Uint8Array, wrong: Uint8Array): Detection {
  let truePositives = 0
  let flags = 0
  let positives = 0
  for (let i = 0; i < scores.length; i++) {
    flags += flagged[i]!
    positives += wrong[i]!
    truePositives += flagged[i]! & wrong[i]!
  }
  const precision = flags === 0 ? 0 : truePositives / flags
  const recall = positives === 0 ? 0 : truePositives / positives
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
  return {
    auroc: auroc(scores, wrong),
    averagePrecision: averagePrecision(scores, wrong),
    precision,
    recall,
    f1
  }
}

/** Area under the ROC curve by ranks (Mann and Whitney), ties counted half; 0.5 when one class is absent. */
export function auroc(scores: Float32Array, wrong: Uint8Array): number {
  const order = ascending(scores)
  let positives = 0
  let rankSum = 0
  for (let from = 0; from < order.length;) {
    let to = from
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) to++
    // Ranks from + 1 .. to share their mean.
    for (let i = from; i < to; i++) {
      if (wrong[order[i]!]) {
        positives++
        rankSum += (from + 1 + to) / 2
      }
    }
    from = to
  }
  const negatives = order.length - positives
  if (positives === 0 || negatives === 0) return 0.5
  // Low scores are positive, so the positives' rank sum counts the pairs they lose.
  return 1 - (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}

/** Mean precision at each wrong label, most suspicious first (ties as one block). */
export function averagePrecision(scores: Float32Array, wrong: Uint8Array): number {
  const order = ascending(scores)
  let seen = 0
  let found = 0
  let total = 0
  for (let from = 0; from < order.length;) {
    let to = from
    let block = 0
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) block += wrong[order[to++]!]!
    seen += to - from
    found += block
    total += block * (found / seen)
    from = to
  }
  return found === 0 ? 0 : total / found
}

/** Rows by ascending score: the most suspicious first. */
export function ascending(scores: Float32Array): Int32Array {
  return Int32Array.from({ length: scores.length }, (_, i) => i).sort(
    (a, b) => scores[a]! - scores[b]! || a - b
  )
}
