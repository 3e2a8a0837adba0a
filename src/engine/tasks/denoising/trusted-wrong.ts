import type { DenoisingMetrics } from '../../../shared/domain/denoising-metrics'
import type { TrustedErrors } from '../../evidence/trusted-errors'
import type { RowsOf } from '../shared/classifier-training'

export type TrustedWrong = NonNullable<DenoisingMetrics['trustedWrong']>

/** So many are named: whoever wants more runs on the trusted set itself. */
const NAMED = 10

/** How many of the trusted labels are likely wrong, and which most of all. */
export function trustedWrong({ count, right, isPlain }: TrustedErrors, { rows }: RowsOf): TrustedWrong {
  const order = [...right.keys()].sort((a, b) => right[a]! - right[b]!)
  const expected = right.reduce((sum, p) => sum + 1 - p, 0)
  return {
    of: count,
    expected,
    isPlain,
    first: order.slice(0, Math.min(NAMED, Math.ceil(expected))).map((place) => rows[place]!)
  }
}
