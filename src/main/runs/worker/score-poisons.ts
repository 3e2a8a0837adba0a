import { detectionOf } from '../../../engine/tasks/denoising/detection'
import type { Defence } from '../../../shared/domain/denoising-metrics'

/**
 * How well flags and scores find the poisons of a set.
 * @param poisons rows that hold poisons
 * @param flagged 1 where an example is believed wrong
 * @param score one an example, low is bad
 */
export function scorePoisons(poisons: Int32Array, flagged: Uint8Array, score: Float32Array): Defence {
  const isPoison = new Uint8Array(flagged.length)
  for (const row of poisons) isPoison[row] = 1
  const caught = poisons.filter((row) => flagged[row] === 1).length
  const cleanFlagged = flagged.reduce((total, flag) => total + flag, 0) - caught
  return {
    poisons: poisons.length,
    caught,
    recall: poisons.length === 0 ? 0 : caught / poisons.length,
    cleanFlagged,
    cleanShare: cleanFlagged / Math.max(1, flagged.length - poisons.length),
    auroc: detectionOf(score, flagged, isPoison).auroc
  }
}
