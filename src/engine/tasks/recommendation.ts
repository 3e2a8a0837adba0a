import type { DenoisingMetrics } from '../../shared/domain/report'
import type { Network } from '../models/network'
import { scoreClassifier } from './classifier-training'
import type { RowsOf } from './classifier-training'

type Name = DenoisingMetrics['recommendation']['classifier']

/** A classifier that is trained twice: without the held-back examples to choose, with all to deliver. */
interface Candidate {
  /** Trained without the held-back examples. */
  readonly choosing: Float32Array | (() => Promise<Float32Array>)
  readonly final: () => Promise<Float32Array>
}

export interface Candidates {
  readonly network: Network
  readonly heldBack: RowsOf
  readonly test?: RowsOf
  readonly bilevel: Float32Array
  readonly trustedOnly: Candidate
  readonly cleaned: Candidate
  readonly noisy: Candidate
  /** The run was cancelled: train nothing more. */
  readonly cancelled: boolean
  /** Time is up: train only the cleaned classifier. */
  readonly short: boolean
}

export interface Choice {
  readonly recommendation: DenoisingMetrics['recommendation']
  readonly testAccuracy: DenoisingMetrics['testAccuracy']
  readonly heldBackAccuracy: Record<string, number>
  readonly advice: readonly string[]
  readonly parameters: Float32Array
}

/** Fewer held-back examples cannot tell classifiers apart. */
const FEWEST_TO_CHOOSE = 20

const TITLES: Record<Name, string> = {
  trustedOnly: 'the classifier trained on the trusted examples alone',
  noisy: 'the classifier trained on everything as given',
  bilevel: "the run's own classifier",
  cleaned: 'the classifier retrained on the cleaned set'
}

/**
 * Which classifier to take, decided on held-back trusted examples only (the test set just reports), and
 * whether cleaning pays.
 */
export async function recommend(candidates: Candidates): Promise<Choice> {
  const { network, heldBack, test, bilevel, short } = candidates
  const parameters: Partial<Record<Name, Float32Array>> = { bilevel }
  const heldBackAccuracy: Partial<Record<Name, number>> = {}
  const choosable = heldBack.rows.length >= FEWEST_TO_CHOOSE
  const consider = async (name: Exclude<Name, 'bilevel'>): Promise<void> => {
    const { choosing, final } = candidates[name]
    parameters[name] = await final()
    if (!choosable) return
    const trial = choosing instanceof Float32Array ? choosing : await choosing()
    heldBackAccuracy[name] = scoreClassifier(network, trial, heldBack).accuracy
  }
  if (choosable) heldBackAccuracy.bilevel = scoreClassifier(network, bilevel, heldBack).accuracy
  if (!candidates.cancelled) await consider('cleaned')
  if (!short && !candidates.cancelled) {
    await consider('trustedOnly')
    await consider('noisy')
  }
  // A tie goes to the simpler way: no cleaning.
  const simplicity: Name[] = ['trustedOnly', 'noisy', 'cleaned', 'bilevel']
  const ranked = (Object.entries(heldBackAccuracy) as [Name, number][]).sort(
    (a, b) => b[1] - a[1] || simplicity.indexOf(a[0]) - simplicity.indexOf(b[0])
  )
  const best: Name = ranked[0]?.[0] ?? (candidates.cancelled ? 'bilevel' : 'cleaned')
  const reason =
    ranked.length === 0
      ? 'Too few trusted examples were held back to compare classifiers; the cleaned one is the usual choice.'
      : `On ${heldBack.rows.length} trusted examples that no classifier here saw, ${TITLES[best]} is right most often (${percent(ranked[0]![1])}).`
  const accuracy = (name: Name): number | null =>
    test && parameters[name] ? scoreClassifier(network, parameters[name], test).accuracy : null
  const cleaning = Math.max(heldBackAccuracy.bilevel ?? 0, heldBackAccuracy.cleaned ?? 0)
  const advice: string[] = []
  for (const name of ['noisy', 'trustedOnly'] as const) {
    const without = heldBackAccuracy[name]
    if (without !== undefined && without >= cleaning) {
      advice.push(
        `Cleaning does not pay here: ${TITLES[name]} is as good (${percent(without)} against ${percent(cleaning)} on held-back trusted examples).`
      )
    }
  }
  return {
    recommendation: { classifier: best, reason },
    testAccuracy: {
      trustedOnly: accuracy('trustedOnly'),
      noisy: accuracy('noisy'),
      bilevel: accuracy('bilevel'),
      cleaned: accuracy('cleaned')
    },
    heldBackAccuracy: heldBackAccuracy as Record<string, number>,
    advice,
    parameters: parameters[best]!
  }
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`
}
