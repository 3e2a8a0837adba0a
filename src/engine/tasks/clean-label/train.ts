import { badInput } from '../../../shared/domain/failure'
import { Random } from '../../../shared/numerics/random'
import type { PoisoningSpec } from '../../../shared/domain/task-spec'
import type { Network } from '../../models/network'
import { buildFeatureExtractor } from '../../models/feature-extractor'
import { craftPoisons } from './crafting'
import { judgeCleanLabel } from './judgement'
import type { CleanLabelJudgement, JudgementData } from './judgement'
import { CleanLabelProgress } from './progress'
import { checkImported, learnRepresentation } from './representation'
import type { CleanLabelData, GivenFeatures, Representation, RepresentationQuality } from './representation'
import { cleanLabelSettings } from './settings'
import type { CleanLabelSettings } from './settings'
import { measureTransfer, victimNetwork } from './transfer'
import type { TransferOutcome } from './transfer'
import { chooseTrials, classNamed } from './trials'
import type { CleanLabelTrial } from './trials'
import { logitsOf, trainVictims } from './feature-victims'
import type { VictimData } from './feature-victims'
import { occurringClasses } from '../shared/occurring-classes'
import { quantisePoisons } from '../shared/perturbation'
import { ResidentExamples } from '../shared/resident-examples'
import type { ExampleSource, Solved, TaskRun } from '../shared/task-run'

export interface CleanLabelSources {
  readonly train: ExampleSource
  /** Where targets come from. */
  readonly validation: ExampleSource
  /** Examples that only score the victims; by default the validation data without the targets. */
  readonly test?: ExampleSource
}

/** Poisons as they are to be exported; {@link judge} retrains victims on what an export holds. Call dispose. */
export interface CleanLabelResult extends Solved {
  readonly settings: CleanLabelSettings
  readonly trials: readonly CleanLabelTrial[]
  /** Poisons, trial after trial, row-major [trials * poisons, size]. */
  readonly x: Float32Array
  readonly y: Int32Array
  readonly baseIndices: Int32Array
  readonly xBase: Float32Array
  /** Target images, row-major [trials, size]. */
  readonly targetImages: Float32Array
  readonly quality: RepresentationQuality
  /** Features an example, without the constant. */
  readonly featureWidth: number
  readonly network: Network
  readonly parameters: Float32Array
  /** @param images the poisons read back from the files, shaped like x */
  judge(images: Float32Array): CleanLabelJudgement
  /** Rates for the spec's other victims; none when the run was to end early. @param images as in judge */
  transfer(images: Float32Array): Promise<TransferOutcome[]>
  dispose(): void
}

/** A representation, and what is to be attacked in it. */
interface Attack {
  readonly data: CleanLabelData
  readonly settings: CleanLabelSettings
  readonly progress: CleanLabelProgress
  readonly representation: Representation
  readonly victimData: VictimData
  /** Head of a victim of the clean data, row-major [width, classes]. */
  readonly cleanHead: Float32Array
  readonly featureDistance: number
  readonly trials: readonly CleanLabelTrial[]
}

/**
 * Clean-label poisoning (paper, "Clean-label poisoning"): learn a representation of the training images, choose
 * targets of the validation data, and move copies of the training examples nearest to each, labels untouched,
 * until a victim trained on them reads the target as their class.
 * @param byteImages pixels are stored as bytes: poisons are rounded to what a file can hold
 * @throws Failure bad-input when the data cannot be attacked so; RunPaused after a checkpoint
 */
export async function craftCleanLabel(
  sources: CleanLabelSources,
  spec: PoisoningSpec,
  run: TaskRun,
  byteImages: boolean,
  given?: GivenFeatures
): Promise<CleanLabelResult> {
  checkCleanLabel(sources, spec, given)
  const attack = await prepareAttack(sources, spec, run, given)
  const { data, settings, progress, representation, victimData, cleanHead, featureDistance } = attack
  const { space } = representation
  const { width } = space
  progress.enter('crafting')
  const startOfCrafting = run.seconds()
  const crafting = {
    space,
    classes: victimData.classes,
    train: data.train,
    trainFeatures: representation.train,
    targetFeaturesOf: (trial: CleanLabelTrial) => rowsOf(representation.validation, [trial.target], width),
    cleanHead,
    featureDistance,
    // Pixels have a scale of their own: there the squared distance counts as it is, as in the paper.
    featureWeight: given === 'pixels' ? featureDistance / space.scale ** 2 : settings.featureWeight,
    settings,
    representation: representation.parameters
  }
  const crafted = await craftPoisons(crafting, attack.trials, spec, run, progress)
  const solverSeconds = run.seconds() - startOfCrafting
  const trials = attack.trials.slice(0, crafted.trials)
  const poisons = poisonsOf(crafted.poisons, trials, data.train, byteImages ? settings.bound : undefined)
  const targets = trials.map(({ target }) => target)
  const targetImages = data.validation.read(targets)
  return {
    stopped: crafted.stopped,
    settings,
    trials,
    ...poisons,
    targetImages,
    quality: representation.quality,
    featureWidth: width - 1,
    network: representation.network,
    parameters: representation.parameters,
    upperSteps: crafted.upperSteps,
    lowerSteps: crafted.upperSteps * settings.solver.lowerSteps,
    solverSeconds,
    advice: [...crafted.advice, ...shortOf(attack.trials.length, settings.targets)],
    judge: (images) => {
      progress.enter('judging')
      return judgeCleanLabel(images, {
        space,
        data: victimData,
        recipe: settings.victim,
        cleanHead,
        trials,
        targetFeatures: rowsOf(representation.validation, targets, width),
        targetImages,
        bases: poisons.xBase,
        featureDistance,
        others: othersOf(data, representation, targets)
      })
    },
    transfer: async (images) => {
      if (!spec.victims || crafted.stopped !== 'epochs') return []
      progress.enter('transfer')
      const { y: labels, xBase: bases } = poisons
      const about = { train: data.train, trials, images, bases, labels, targetImages }
      return measureTransfer(spec.victims, about, settings.extractor, spec.seed, progress.watch())
    },
    dispose: () => space.dispose()
  }
}

/** Learn a representation, fixed from then on; what a victim of the clean data reads correctly can be a target. */
async function prepareAttack(
  { train, validation, test }: CleanLabelSources,
  spec: PoisoningSpec,
  run: TaskRun,
  given: GivenFeatures
): Promise<Attack> {
  const data = {
    train: new ResidentExamples(train),
    validation: new ResidentExamples(validation),
    test: test && new ResidentExamples(test)
  }
  const { classNames } = train
  const { seed } = spec
  const settings = cleanLabelSettings(spec, data.train.count)
  const progress = new CleanLabelProgress(run, settings, data.train.count, spec.victims?.length ?? 0)
  progress.enter('representation')
  const restored = run.restored?.arrays['representation'] as Float32Array | undefined
  const watch = progress.watch()
  const representation = await learnRepresentation(data, given, settings.extractor, seed, watch, restored)
  const { width } = representation.space
  const { labels } = data.train
  const victimData = { features: representation.train, labels, width, classes: classNames.length }
  const nothing = { victims: 1, features: new Float32Array(0), labels: new Int32Array(0) }
  const cleanHead = trainVictims(victimData, nothing, settings.victim).heads
  const { targets, poisons } = settings
  const choice = {
    ...data,
    classNames,
    trainFeatures: representation.train,
    validationFeatures: representation.validation,
    width,
    logits: logitsOf(cleanHead, representation.validation, width),
    targets,
    poisons,
    seed
  }
  return {
    data,
    settings,
    progress,
    representation,
    victimData,
    cleanHead,
    featureDistance: meanDistance(representation.train, width, seed),
    trials: chooseTrials(choice, spec)
  }
}

/**
 * The poisons beside the examples that they were copied from.
 * @param moved row-major [trials * poisons, size] @param bound of the perturbation, where pixels are stored as bytes
 */
function poisonsOf(
  moved: Float32Array,
  attacked: readonly CleanLabelTrial[],
  train: ResidentExamples,
  bound: CleanLabelSettings['bound'] | undefined
): Pick<CleanLabelResult, 'x' | 'y' | 'baseIndices' | 'xBase'> {
  const baseIndices = Int32Array.from(attacked.flatMap(({ bases }) => [...bases]))
  const xBase = train.read(baseIndices)
  const size = train.shape.reduce((product, side) => product * side, 1)
  return {
    x: bound === undefined ? moved : quantisePoisons(moved, xBase, size, bound),
    y: Int32Array.from(attacked.flatMap(({ bases, poisonClass }) => Array.from(bases, () => poisonClass))),
    baseIndices,
    xBase
  }
}

/** Examples that only score the victims: the test data, or the validation data without the targets. */
function othersOf(
  { validation, test }: CleanLabelData,
  representation: Representation,
  targets: readonly number[]
): JudgementData['others'] {
  if (test && representation.test) return { features: representation.test, labels: test.labels }
  const targetRows = new Set(targets)
  const rows = Int32Array.from(validation.labels.keys()).filter((row) => !targetRows.has(row))
  return {
    features: rowsOf(representation.validation, rows, representation.space.width),
    labels: rows.map((row) => validation.labels[row]!)
  }
}

/**
 * See that the data and the spec can run, without training.
 * @throws Failure bad-input that names the argument and the remedy
 */
export function checkCleanLabel(
  { train, validation, test }: CleanLabelSources,
  spec: PoisoningSpec,
  given?: GivenFeatures
): void {
  buildFeatureExtractor(train.shape, train.classNames.length)
  for (const [name, other] of [['validation', validation] as const, ['test', test] as const]) {
    if (other && other.classNames.join('\n') !== train.classNames.join('\n')) {
      throw badInput(
        `--train has the classes ${train.classNames.join(', ')}; --${name} has ${other.classNames.join(', ')}.`,
        'Both must name the same classes.'
      )
    }
  }
  const occurring = occurringClasses(train.labels)
  if (occurring.length < 2) {
    throw badInput(`--train (${spec.train}) has a single class.`, 'A clean-label attack needs two or more.')
  }
  for (const victim of spec.victims ?? []) victimNetwork(victim, train.shape, train.classNames.length)
  const { poisons } = cleanLabelSettings(spec, train.count)
  const from = classNamed(train.classNames, spec.fromClass, '--from-class')
  const to = classNamed(train.classNames, spec.toClass, '--to-class')
  if (from !== undefined && from === to) {
    throw badInput(`--from-class and --to-class are both ${spec.toClass}.`, 'Name two classes.')
  }
  const smallest = Math.min(
    ...occurring.map((k) => train.labels.reduce((count, label) => count + Number(label === k), 0))
  )
  if (poisons > smallest) {
    throw badInput(
      `--count asks for ${poisons} poisons a target, and a class of --train has ${smallest} examples.`,
      'Give a smaller --count or more training examples.'
    )
  }
  if (typeof given === 'object') {
    const counts = { train: train.count, validation: validation.count, test: test?.count }
    checkImported(given, counts, spec)
  }
}

function shortOf(found: number, wanted: number): string[] {
  return found < wanted
    ? [`Only ${found} of ${wanted} targets: the clean victim reads no more validation examples correctly.`]
    : []
}

function rowsOf(features: Float32Array, rows: ArrayLike<number>, width: number): Float32Array {
  const out = new Float32Array(rows.length * width)
  for (let i = 0; i < rows.length; i++) {
    out.set(features.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width)
  }
  return out
}

/** Mean squared feature distance of training examples, from a sample of pairs. */
function meanDistance(features: Float32Array, width: number, seed: number): number {
  const random = Random.derive(seed, 'feature distance')
  const count = features.length / width
  const pairs = 4000
  let total = 0
  for (let pair = 0; pair < pairs; pair++) {
    const a = random.below(count) * width
    const b = random.below(count) * width
    for (let i = 0; i < width; i++) total += (features[a + i]! - features[b + i]!) ** 2
  }
  return Math.max(total / pairs, 1e-12)
}
