import type { FewShotSpec } from '../../../shared/domain/task-spec'
import { badInput } from '../../../shared/domain/failure'
import { Random } from '../../../shared/numerics/random'
import { buildConv4, buildConv4Classifier } from '../../models/conv4'
import type { Network } from '../../models/network'
import { everySteps, isFromPhase, runBilevelLoop } from '../shared/bilevel-loop'
import type { LoopResult } from '../shared/bilevel-loop'
import { buildSolver } from '../../bilevel/methods'
import { trainClassifier } from '../shared/classifier-training'
import { FewShotBatches } from './batches'
import { EpisodeSampler, rowsByClass } from './episodes'
import type { Episode } from './episodes'
import { featureTable, meanInterval, scoreEpisodes } from './evaluation'
import type { EpisodeScores, MeanInterval } from './evaluation'
import { FewShotProblem } from './problem'
import { FewShotProgress } from './progress'
import { HeldBackTasks } from './held-back-tasks'
import { fewShotSettings } from './settings'
import type { FewShotSettings } from './settings'
import { ResidentExamples } from '../shared/resident-examples'
import type { ExampleSource, Solved, TaskRun } from '../shared/task-run'
import { RotatedPictures, isOnWhite } from './rotated-pictures'

export interface FewShotSources {
  readonly train: ExampleSource
  /** Examples of other classes. */
  readonly test: ExampleSource
}

export interface FewShotResult extends Solved {
  readonly accuracy: MeanInterval
  readonly baselines: { readonly random: MeanInterval; readonly pretrained: MeanInterval }
  /** Differences task by task on the same tasks: the bilevel network's accuracy less a baseline's. */
  readonly gain: { readonly overRandom: MeanInterval; readonly overPretrained: MeanInterval }
  /** Accuracy on tasks of held-back training classes after each check; step 0 is the start. */
  readonly checks: readonly { step: number; accuracy: number }[]
  readonly bestStep: number
  readonly classes: { readonly train: number; readonly heldBack: number; readonly test: number }
  /** The first test tasks (rows of `test`), and the way predicted for each query. */
  readonly episodes: readonly {
    readonly episode: Episode
    readonly predicted: Int32Array
    accuracy: number
  }[]
  readonly network: Network
  readonly parameters: Float32Array
}

/** Test tasks shown one by one. */
const SHOWN = 24
const PHASE = 'few-shot'

interface Prepared {
  readonly train: RotatedPictures
  readonly heldBack: RotatedPictures
  readonly test: RotatedPictures
  readonly samplers: Record<'train' | 'heldBack' | 'test', EpisodeSampler>
  readonly classes: FewShotResult['classes']
}

/** What the bilevel run starts from and learns on. */
interface Learning {
  readonly network: Network
  readonly start: Float32Array
  readonly train: ResidentExamples
  readonly sampler: EpisodeSampler
  readonly settings: FewShotSettings
  /** Kept in its checkpoints: pretraining is not done twice. */
  readonly pretrained: Float32Array
}

/** Split the training classes, and see that every class has examples enough. @throws Failure bad-input */
function prepare(sources: FewShotSources, spec: FewShotSpec, heldBackShare: number): Prepared {
  const { train, test } = sources
  const { ways, shots, queries, rotations } = spec
  const size = { ways, shots, queries }
  const turns = rotations ? 4 : 1
  const invert = isOnWhite(train)
  const byClass = rowsByClass(train)
  const labels = Int32Array.from(byClass.keys())
  const order = Random.derive(spec.seed, 'held-back classes').permutation(labels.length)
  const held = Math.max(Math.round(heldBackShare * labels.length), Math.ceil(ways / turns))
  if ((labels.length - held) * turns < ways) {
    throw badInput(
      `--train has ${labels.length} classes: too few for tasks of ${ways} and as many held back to choose the best step.`,
      'Take fewer --ways, or more classes.'
    )
  }
  const rowsOf = (chosen: Int32Array): Int32Array =>
    Int32Array.from([...chosen].sort((a, b) => a - b).flatMap((i) => [...byClass.get(labels[i]!)!]))
  const parts = {
    train: new RotatedPictures(train, rowsOf(order.slice(held)), turns, invert),
    heldBack: new RotatedPictures(train, rowsOf(order.slice(0, held)), turns, invert),
    test: new RotatedPictures(
      test,
      Int32Array.from({ length: test.count }, (_, i) => i),
      1,
      invert
    )
  }
  return {
    ...parts,
    samplers: {
      train: new EpisodeSampler(parts.train, size, '--train'),
      heldBack: new EpisodeSampler(parts.heldBack, size, '--train'),
      test: new EpisodeSampler(parts.test, size, '--test')
    },
    classes: { train: labels.length - held, heldBack: held, test: rowsByClass(test).size }
  }
}

/** @throws Failure bad-input naming the class or the set that does not fit */
export function checkFewShot(sources: FewShotSources, spec: FewShotSpec): void {
  buildConv4({ shape: sources.train.shape, filters: spec.filters })
  prepare(sources, spec, fewShotSettings(spec, sources.train.count).heldBack)
}

/**
 * Few-shot learning: a network shared by all tasks is learned so that a linear head fitted to a task's few
 * examples does well on its other examples. Judged on classes never seen, heads fitted from scratch; beside it
 * the same on random features and on features pretrained by plain classification.
 * @throws Failure bad-input; RunPaused after a checkpoint
 */
export async function trainFewShot(
  sources: FewShotSources,
  spec: FewShotSpec,
  run: TaskRun
): Promise<FewShotResult> {
  const turns = spec.rotations ? 4 : 1
  const settings = fewShotSettings(spec, sources.train.count * turns)
  const { size } = settings
  const prepared = prepare(sources, spec, settings.heldBack)
  const train = new ResidentExamples(prepared.train)
  const progress = new FewShotProgress(run, settings, train.count)
  const options = { shape: train.shape, filters: spec.filters, dropout: spec.dropout }
  const network = buildConv4(options)
  const classifier = buildConv4Classifier(options, train.classes)
  const random = classifier
    .initialise(Random.derive(spec.seed, 'initial parameters'))
    .slice(0, network.layout.size)

  // 1. Plain classification of the training classes: a baseline, and where the shared network starts.
  const restored = isFromPhase(run.restored, PHASE) ? run.restored : undefined
  progress.enter('pretraining')
  const saved = restored?.arrays['pretrained']
  const pretrained =
    saved instanceof Float32Array
      ? saved
      : await pretrain(classifier, network, train, settings, spec.seed, progress)

  // 2. The bilevel run; the best step is chosen on classes held back.
  progress.enter('learning')
  const start = spec.start === 'random' ? random : pretrained
  const heldBack = new HeldBackTasks(
    network,
    new ResidentExamples(prepared.heldBack),
    drawn(prepared.samplers.heldBack, settings.validationTasks, Random.derive(spec.seed, 'held-back tasks')),
    size,
    start
  )
  if (restored) heldBack.restore(restored)
  const learning = { network, start, train, sampler: prepared.samplers.train, settings, pretrained }
  const outcome = await learn(learning, heldBack, spec, run, progress)

  // 3. Unseen classes: the same tasks for all three.
  progress.enter('testing')
  const test = new ResidentExamples(prepared.test)
  const testTasks = drawn(prepared.samplers.test, spec.testTasks, Random.derive(spec.seed, 'test tasks'))
  const { best } = heldBack
  const compared = compare({ own: best.parameters, random, pretrained }, (parameters) => {
    // Each representation's heads get the strength that serves it best on held-back classes.
    const { l2 } = heldBack.chooseL2(parameters)
    return scoreEpisodes(featureTable(network, parameters, test), testTasks, size, l2)
  })
  const { accuracy, baselines, gain, own } = compared
  return {
    stopped: outcome.stopped,
    upperSteps: outcome.upperSteps,
    lowerSteps: outcome.upperSteps * settings.solver.lowerSteps,
    solverSeconds: outcome.solverSeconds,
    accuracy,
    baselines,
    gain,
    checks: heldBack.checks,
    bestStep: best.step,
    classes: prepared.classes,
    episodes: testTasks.slice(0, SHOWN).map((episode, i) => ({
      episode,
      predicted: own.predicted[i]!,
      accuracy: own.accuracies[i]!
    })),
    network,
    parameters: best.parameters,
    advice: [
      ...(outcome.divergence ? [`${outcome.divergence.sentence} ${outcome.divergence.remedy}`] : []),
      ...adviceOf(sources, gain.overPretrained, best.step)
    ]
  }
}

function drawn(sampler: EpisodeSampler, count: number, random: Random): Episode[] {
  return Array.from({ length: count }, () => sampler.next(random))
}

/** The bilevel run from `start`: what it learns stands with the held-back tasks that judged it. */
async function learn(
  { network, start, train, sampler, settings, pretrained }: Learning,
  heldBack: HeldBackTasks,
  spec: FewShotSpec,
  run: TaskRun,
  progress: FewShotProgress
): Promise<LoopResult> {
  const { size, metaBatch, headL2, featureLength, upperSteps, checkEvery } = settings
  const problem = new FewShotProblem(network, start, {
    tasks: metaBatch,
    ways: size.ways,
    headL2,
    featureLength
  })
  const solver = buildSolver(spec.method, problem, settings.solver, spec)
  const check = (step: number): void => progress.check(step, heldBack.check(step, solver.upper))
  const restored = isFromPhase(run.restored, PHASE) ? run.restored : undefined
  if (!restored) check(0)
  return runBilevelLoop(
    {
      solver,
      batches: new FewShotBatches(problem, train, sampler, size, metaBatch, spec.seed),
      upperSteps,
      phase: PHASE,
      isCheck: everySteps(checkEvery, upperSteps),
      prepare: (batch) => solver.setLower(problem.prepare(solver.upper, batch)),
      onStep: (report, step) => progress.step(report, step),
      onCheck: check,
      beside: () => {
        const { json, arrays } = heldBack.save()
        return { json, arrays: { pretrained, ...arrays } }
      }
    },
    run,
    restored
  ).finally(() => solver.dispose())
}

/** The shared network beside a random and a pretrained one, task by task on the same tasks. */
function compare(
  parameters: Record<'own' | 'random' | 'pretrained', Float32Array>,
  judge: (parameters: Float32Array) => EpisodeScores
): Pick<FewShotResult, 'accuracy' | 'baselines' | 'gain'> & { own: EpisodeScores } {
  const own = judge(parameters.own)
  const random = judge(parameters.random)
  const pretrained = judge(parameters.pretrained)
  const gainOver = (other: EpisodeScores): MeanInterval =>
    meanInterval(own.accuracies.map((accuracy, i) => accuracy - other.accuracies[i]!))
  return {
    own,
    accuracy: meanInterval(own.accuracies),
    baselines: { random: meanInterval(random.accuracies), pretrained: meanInterval(pretrained.accuracies) },
    gain: { overRandom: gainOver(random), overPretrained: gainOver(pretrained) }
  }
}

/** @returns parameters of the representation, [network.layout.size] */
async function pretrain(
  classifier: Network,
  network: Network,
  train: ResidentExamples,
  settings: FewShotSettings,
  seed: number,
  progress: FewShotProgress
): Promise<Float32Array> {
  const rows = Int32Array.from({ length: train.count }, (_, i) => i)
  const part = { examples: train, rows }
  const parameters = await trainClassifier(classifier, [part], settings.pretrain, seed, progress.watch())
  return parameters.slice(0, network.layout.size)
}

function adviceOf({ train, test }: FewShotSources, gain: MeanInterval, bestStep: number): string[] {
  const advice: string[] = []
  const known = new Set([...rowsByClass(train).keys()].map((label) => train.classNames[label]!))
  const both = [...rowsByClass(test).keys()]
    .map((label) => test.classNames[label]!)
    .filter((name) => known.has(name))
  if (both.length > 0) {
    advice.push(
      `${both.length} classes have the same name in --train and --test (such as "${both[0]}"): if they are the same, the accuracy is not that of unseen classes.`
    )
  }
  if (bestStep === 0) {
    advice.push(
      'No bilevel step did better on the held-back classes than the start: the result is the start.'
    )
  } else if (gain.interval[0] <= 0) {
    advice.push('The shared network is not clearly better than plain pretraining on these classes.')
  }
  return advice
}
