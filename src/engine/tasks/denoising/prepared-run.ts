import type { DenoisingSpec } from '../../../shared/domain/task-spec'
import { Random } from '../../../shared/numerics/random'
import { knownClasses } from '../../../shared/numerics/known-classes'
import { buildModel } from '../../models/classifier'
import type { Network } from '../../models/network'
import type { RowsOf } from '../shared/classifier-training'
import { ResidentExamples } from '../shared/resident-examples'
import { featureScale, standardised } from '../shared/standardised-features'
import type { FeatureScale } from '../shared/standardised-features'
import type { ExampleSource, TaskRun } from '../shared/task-run'
import { joinDecided } from './decided-examples'
import type { Twins } from './decided-examples'
import { checkDenoising, correctedLabels, startOf, vouchedRows } from './inputs'
import type { DenoisingSources, DenoisingStart } from './inputs'
import { judgesLabels, textsAsked } from './label-evidence'
import { DenoisingProgress } from './progress'
import { denoisingSettings } from './settings'
import type { DenoisingSettings } from './settings'

/** What every part of a denoising run works with. */
export interface PreparedRun {
  readonly spec: DenoisingSpec
  readonly run: TaskRun
  readonly settings: DenoisingSettings
  readonly progress: DenoisingProgress
  readonly network: Network
  readonly scale: FeatureScale | undefined
  readonly train: ResidentExamples
  readonly test: RowsOf | undefined
  /** Trusted examples that the run learns from, those that only choose, and both. */
  readonly trusted: RowsOf
  readonly heldBack: RowsOf
  readonly allTrusted: RowsOf
  readonly everything: RowsOf
  /** Rows that a review dropped, and those whose label it gave or confirmed. */
  readonly dropped: ReadonlySet<number>
  readonly vouched: ReadonlySet<number>
  /** The vouched ones by their row among the trusted. */
  readonly twins: Twins
  readonly start: DenoisingStart | undefined
  /** 1 where the label is wrong, where the truth is known. */
  readonly wrong: Uint8Array | undefined
  /** Whether each label gets a probability (judgesLabels). */
  readonly isJudged: boolean
}

/** @throws Failure bad-input when the sets do not fit together */
export function prepareRun(
  sources: DenoisingSources & { readonly trusted: ExampleSource },
  spec: DenoisingSpec,
  run: TaskRun
): PreparedRun {
  checkDenoising(sources, spec)
  const scale = featureScale(sources.train)
  const labels = correctedLabels(sources.train, spec)
  const vouched = vouchedRows(spec)
  const { source, twins } = joinDecided(sources.trusted, sources.train, labels, vouched)
  const train = new ResidentExamples(standardised(sources.train, scale), labels)
  const known = knownClasses(source.labels, labels, source.classNames.length)
  const trustedSet = new ResidentExamples(standardised(source, scale), source.labels, known)
  const test = sources.test && new ResidentExamples(standardised(sources.test, scale))
  const network = buildModel(spec.model, {
    shape: sources.train.shape,
    classes: sources.train.classNames.length,
    hiddenSizes: spec.hiddenSizes
  })
  const sizes = { train: train.count, trusted: trustedSet.count }
  const isJudged = judgesLabels(train, spec)
  const settings = denoisingSettings(spec, sizes, isJudged)
  const { count: alone } = sources.trusted
  // What was decided in review is learned from, never held back: it is not drawn as the others are.
  const order = Int32Array.from([
    ...Random.derive(spec.seed, 'held-back trusted examples').permutation(alone),
    ...Array.from({ length: trustedSet.count - alone }, (_, i) => alone + i)
  ])
  const heldCount = Math.floor(settings.heldBack * alone)
  const { truth } = sources.train
  return {
    spec,
    run,
    settings,
    progress: new DenoisingProgress(run, {
      model: spec.model,
      settings,
      sizes,
      shape: sources.train.shape,
      texts: textsAsked(sources.train),
      isJudged,
      isTested: test !== undefined,
      isFirstLook: false
    }),
    network,
    scale,
    train,
    test: test && allOf(test),
    trusted: { examples: trustedSet, rows: order.slice(heldCount) },
    heldBack: { examples: trustedSet, rows: order.slice(0, heldCount) },
    allTrusted: { examples: trustedSet, rows: order },
    everything: allOf(train),
    dropped: new Set(spec.dropped ?? []),
    vouched,
    twins,
    start: startOf(sources, network),
    wrong: truth && Uint8Array.from(train.labels, (label, i) => Number(label !== truth[i])),
    isJudged
  }
}

function allOf(examples: ResidentExamples): RowsOf {
  return { examples, rows: Int32Array.from({ length: examples.count }, (_, row) => row) }
}
