import type { DenoisingMetrics } from '../../../shared/domain/denoising-metrics'
import type { Network } from '../../models/network'
import { scoreClassifier } from '../shared/classifier-training'
import type { ClassifierScore, RowsOf } from '../shared/classifier-training'

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
  readonly test: RowsOf | undefined
  readonly bilevel: Float32Array
  readonly trustedOnly: Candidate
  readonly cleaned: Candidate
  readonly noisy: Candidate
  /** The run was cancelled, or its time is up: train nothing more. */
  readonly cancelled: boolean
  /** Whether time is short: train only the cleaned classifier. */
  isShort(): boolean
  /** Whether it is cancelled by now, which ends a training that goes on. */
  isCancelled(): Promise<boolean>
}

export interface Choice {
  readonly recommendation: DenoisingMetrics['recommendation']
  readonly testAccuracy: DenoisingMetrics['testAccuracy']
  readonly heldBackAccuracy: Record<string, number>
  readonly advice: readonly string[]
  readonly parameters: Float32Array
}

/** Fewer held-back examples cannot tell classifiers apart. */
export const FEWEST_TO_CHOOSE = 20

export const TITLES: Record<Name, string> = {
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
  const { network, heldBack, test, bilevel } = candidates
  const parameters: Partial<Record<Name, Float32Array>> = { bilevel }
  const held: Partial<Record<Name, ClassifierScore>> = {}
  const trials: Partial<Record<Name, Float32Array>> = {}
  const choosable = heldBack.rows.length >= FEWEST_TO_CHOOSE
  const consider = async (name: Exclude<Name, 'bilevel'>): Promise<void> => {
    const { choosing, final } = candidates[name]
    // The usual choice is trained at once; another one only where somebody looks at it, or it is chosen.
    if (name === 'cleaned' || test) parameters[name] = await final()
    if (!choosable) return
    const trial = choosing instanceof Float32Array ? choosing : await choosing()
    trials[name] = trial
    held[name] = scoreClassifier(network, trial, heldBack)
  }
  if (choosable) held.bilevel = scoreClassifier(network, bilevel, heldBack)
  if (!candidates.cancelled) await consider('cleaned')
  if (!candidates.cancelled && !candidates.isShort() && (choosable || test)) {
    await consider('trustedOnly')
    await consider('noisy')
  }
  // Few held-back examples tie in accuracy; their loss, each classifier at its best temperature, still differs.
  const ranked = (Object.entries(held) as [Name, ClassifierScore][]).sort(
    ([, a], [, b]) => a.calibratedLoss - b.calibratedLoss
  )
  // One that has never met a class cannot name it, and is not asked to by examples of the others.
  const [first] = ranked.filter(([name]) => name !== 'trustedOnly' || !heldBack.examples.known)
  const best: Name = first?.[0] ?? (candidates.cancelled ? 'bilevel' : 'cleaned')
  parameters[best] ??= await delivered(candidates, best, trials[best])
  const accuracy = (name: Name): number | null =>
    test && parameters[name] ? scoreClassifier(network, parameters[name], test).accuracy : null
  const cleaning = ranked.find(([name]) => name === 'bilevel' || name === 'cleaned')
  const advice =
    first && cleaning && first !== cleaning
      ? [
          `Cleaning does not pay here: ${TITLES[best]} predicts as well (${percent(first[1].accuracy)} against ${percent(cleaning[1].accuracy)} right on held-back trusted examples).`
        ]
      : []
  return {
    recommendation: { classifier: best, reason: reasonOf(candidates, first?.[1]) },
    testAccuracy: {
      trustedOnly: accuracy('trustedOnly'),
      noisy: accuracy('noisy'),
      bilevel: accuracy('bilevel'),
      cleaned: accuracy('cleaned')
    },
    heldBackAccuracy: Object.fromEntries(ranked.map(([name, { accuracy: share }]) => [name, share])),
    advice,
    parameters: parameters[best]!
  }
}

/** @param score of the one that was chosen, where any could be */
function reasonOf({ cancelled, heldBack }: Candidates, score: ClassifierScore | undefined): string {
  if (cancelled) return 'The run ended before another one was trained.'
  return score
    ? `On ${heldBack.rows.length} trusted examples that no classifier here saw, it predicts best (${percent(score.accuracy)} right).`
    : 'Too few trusted examples were held back to compare classifiers; this is the usual choice.'
}

/** One that has been chosen, trained with all there is; as it was chosen where the run is cancelled meanwhile. */
async function delivered(
  candidates: Candidates,
  name: Name,
  trial: Float32Array | undefined
): Promise<Float32Array> {
  if (name === 'bilevel') return candidates.bilevel
  const parameters = await candidates[name].final()
  return trial && (await candidates.isCancelled()) ? trial : parameters
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`
}
