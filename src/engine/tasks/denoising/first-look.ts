import type { Detection, DenoisingMetrics } from '../../../shared/domain/denoising-metrics'
import { pricesOf } from '../../../shared/domain/prices'
import type { DenoisingSpec } from '../../../shared/domain/task-spec'
import { buildModel } from '../../models/classifier'
import type { Network } from '../../models/network'
import { scoreClassifier, trainClassifier } from '../shared/classifier-training'
import type { RowsOf } from '../shared/classifier-training'
import { ResidentExamples } from '../shared/resident-examples'
import { featureScale, standardised, withoutScale } from '../shared/standardised-features'
import { RunPaused } from '../shared/task-run'
import type { RunSignal, TaskRun } from '../shared/task-run'
import { constantAdvice } from './constant-advice'
import { rowsToSolve, solveClassifier } from './convex-classifier'
import { detectionOf } from './detection'
import { gatherEvidence, ofEach } from './evidence'
import { checkDenoising, correctedLabels, vouchedRows } from './inputs'
import type { DenoisingSources } from './inputs'
import { believeLabels, cutForFlags, textsAsked } from './label-evidence'
import type { LabelEvidence } from './label-evidence'
import { asRows } from './pooled-pictures'
import { DenoisingProgress } from './progress'
import type { DenoisingResult } from './result'
import { denoisingSettings } from './settings'
import { budgetOf, isTimeUp, sayCut, whileWanted } from './time-budget'
import { flag } from './verdict'

/** What a reader should know of a run without trusted examples. */
function withoutTrusted(judged: number): string {
  const begin =
    judged === 0
      ? 'A first look without trusted examples'
      : `A first look that trusts the ${judged === 1 ? 'label' : `${judged} labels`} that people judged`
  return `${begin}: an error that is made alike everywhere looks right to it, and the expected numbers are less sure. About ten trusted examples of each class would narrow them, tell how many wrong labels are found, and say which classifier to take.`
}

/**
 * Without trusted examples nothing can be learned at the upper level: labels are ranked by what classifiers say that
 * have not seen them. What a review decided is trusted.
 * @throws Failure bad-input when the sets do not fit together
 */
export async function lookFirst(
  sources: DenoisingSources,
  spec: DenoisingSpec,
  run: TaskRun
): Promise<DenoisingResult> {
  checkDenoising(sources, spec)
  const labels = correctedLabels(sources.train, spec)
  const vouched = vouchedRows(spec)
  const { givenLabels: given = sources.train.labels } = sources.train
  const scale = featureScale(sources.train)
  const pictures = asRows(sources.train)
  const rows = new ResidentExamples(standardised(pictures, scale), labels)
  // No trusted example, but shares of them are taken.
  const sizes = { train: rows.count, trusted: 1 }
  const progress = new DenoisingProgress(run, {
    model: spec.model,
    settings: { ...denoisingSettings(spec, sizes, true), epochs: 0 },
    sizes,
    shape: rows.shape,
    texts: textsAsked(sources.train),
    isJudged: true,
    isTested: false,
    isFirstLook: true
  })
  progress.enter('judging')
  let signal: RunSignal = 'continue'
  const evidence = await believeLabels(
    rows,
    { examples: rows, rows: Int32Array.from(vouched).sort() },
    spec.seed,
    async (done) => {
      progress.judged(done)
      signal = await run.poll()
      // A resumed run begins anew: there is little to lose.
      if (signal === 'pause') throw new RunPaused()
    },
    {
      twins: new Map(Array.from(vouched, (row) => [row, { row, given: given[row]! }])),
      prices: pricesOf(spec),
      budget: whileWanted(budgetOf(run.limit, 1), () => signal !== 'cancel')
    }
  )
  const dropped = new Set(spec.dropped ?? [])
  const threshold = spec.threshold ?? cutForFlags(evidence.right, evidence.flags)
  const flagged = flag({ train: rows, dropped, vouched }, (row) => evidence.right[row]! < threshold)
  const predicted = evidence.likeliest.map((label, row) =>
    vouched.has(row) ? labels[row]! : flagged[row] ? evidence.alternative[row]! : label
  )
  const { truth } = sources.train
  const wrong = truth && Uint8Array.from(labels, (label, i) => Number(label !== truth[i]))
  progress.weights(1, evidence.right, wrong, predicted)
  progress.enter('comparing')
  const compared = await compare(sources, spec, run, { rows, labels, flagged, evidence, progress })
  const { kinds, metrics } = await described(evidence, labels, flagged, wrong)
  return {
    stopped: endedBy(signal, evidence.isCut || compared.isCut),
    metrics: { ...metrics, threshold, testAccuracy: compared.testAccuracy },
    advice: [
      ...constantAdvice(scale),
      ...(endedBy(signal) === 'cancelled' ? [] : sayCut(evidence)),
      withoutTrusted(vouched.size)
    ],
    upperSteps: 0,
    lowerSteps: 0,
    solverSeconds: 0,
    evidence: kinds,
    predicted,
    flagged,
    labels,
    trajectory: [evidence.right],
    network: compared.network,
    parameters: withoutScale(compared.network, compared.cleaned, scale),
    lower: compared.cleaned
  }
}

/** @param isCut whether time was too short for all that is done otherwise */
function endedBy(signal: RunSignal, isCut = false): DenoisingResult['stopped'] {
  if (signal === 'cancel') return 'cancelled'
  return isCut ? 'time' : 'converged'
}

/** Retrained on what was kept, and on everything as given: measured on test data, where there are any. */
async function compare(
  { train, test }: DenoisingSources,
  spec: DenoisingSpec,
  { limit }: Pick<TaskRun, 'limit'>,
  found: {
    readonly rows: ResidentExamples
    readonly labels: Int32Array
    readonly flagged: Uint8Array
    readonly evidence: LabelEvidence
    readonly progress: DenoisingProgress
  }
): Promise<{
  network: Network
  cleaned: Float32Array
  testAccuracy: DenoisingMetrics['testAccuracy']
  isCut: boolean
}> {
  const scale = featureScale(train)
  const isPictures = train.shape.length > 1
  const examples = isPictures ? new ResidentExamples(train, found.labels) : found.rows
  const network = buildModel(spec.model, {
    shape: train.shape,
    classes: train.classNames.length,
    hiddenSizes: spec.hiddenSizes
  })
  const settings = denoisingSettings(spec, { train: train.count, trusted: 1 }, true)
  const fit = async (part: RowsOf): Promise<Float32Array> => {
    const isSolved = spec.model === 'logistic' && !isPictures
    if (isSolved) {
      const solved = rowsToSolve(part, spec.seed)
      return solveClassifier([solved], found.evidence.c / solved.share)
    }
    const recipe = settings.final(part.rows.length)
    const share = found.progress.shareInTime(recipe.epochs * part.rows.length)
    const shorter = { ...recipe, epochs: Math.max(1, Math.floor(share * recipe.epochs)) }
    return trainClassifier(network, [part], shorter, spec.seed, found.progress.watch())
  }
  const everything: RowsOf = { examples, rows: Int32Array.from({ length: train.count }, (_, row) => row) }
  const kept = { examples, rows: everything.rows.filter((row) => found.flagged[row] === 0) }
  const cleaned = await fit(kept)
  const isCut = isTimeUp(limit)
  const tested = test && new ResidentExamples(standardised(test, scale))
  const accuracy = (parameters: Float32Array): number | null =>
    tested
      ? scoreClassifier(network, parameters, {
          examples: tested,
          rows: Int32Array.from({ length: tested.count }, (_, row) => row)
        }).accuracy
      : null
  return {
    network,
    cleaned,
    isCut,
    testAccuracy: {
      trustedOnly: null,
      noisy: tested && !isCut ? accuracy(await fit(everything)) : null,
      bilevel: null,
      cleaned: accuracy(cleaned)
    }
  }
}

async function described(
  evidence: LabelEvidence,
  labels: Int32Array,
  flagged: Uint8Array,
  wrong: Uint8Array | undefined
): Promise<{
  kinds: DenoisingResult['evidence']
  metrics: Omit<DenoisingMetrics, 'threshold' | 'testAccuracy'>
}> {
  const { right, crossValidated, expected, planted } = evidence
  const gathered = await gatherEvidence({ labels, weights: right, probabilities: { crossValidated } })
  const kinds = { ...gathered, combined: right }
  const scored = (scores: Float32Array): Detection | undefined => wrong && detectionOf(scores, flagged, wrong)
  const flags = flagged.reduce((sum, one) => sum + one, 0)
  return {
    kinds,
    metrics: {
      kept: labels.length - flags,
      flagged: flags,
      bestEpoch: 0,
      recommendation: {
        classifier: 'cleaned',
        reason: 'Without trusted examples nothing can compare classifiers; this is the usual choice.'
      },
      heldBackAccuracy: {},
      expected,
      planted,
      detection: scored(right),
      evidence: wrong && ofEach(kinds, (scores) => scored(scores)!)
    }
  }
}
