import { beforeAll, expect, it } from 'vitest'
import { selectBackend } from '@engine/backends'
import { buildModel } from '@engine/models/classifier'
import type { FoldsDone } from '@engine/tasks/denoising/confidence'
import { askNetwork, checkpointOfFolds, networkEvidence } from '@engine/tasks/denoising/network-evidence'
import { phaseCosts } from '@engine/tasks/denoising/phase-costs'
import { DenoisingProgress } from '@engine/tasks/denoising/progress'
import { denoisingSettings } from '@engine/tasks/denoising/settings'
import { ResidentExamples } from '@engine/tasks/shared/resident-examples'
import type { LabelledBatch } from '@engine/tasks/shared/resident-examples'
import { RunPaused } from '@engine/tasks/shared/task-run'
import type { Checkpoint, ExampleSource, RunSignal, TaskRun, TimeLimit } from '@engine/tasks/shared/task-run'
import { denoisingSpec } from '@shared/domain/denoising-spec'
import { Random } from '@shared/numerics/random'
import { heldRows } from '@support/held-rows'

beforeAll(async () => {
  await selectBackend('wasm')
})

const COUNT = 60
const WIDTH = 2
/** Passes of a fold. */
const PASSES = 8
/** Examples that a fold learns from. */
const LEARNED = COUNT / 2

const random = Random.derive(1, 'asked')
const features = Float32Array.from({ length: COUNT * WIDTH }, () => random.normal())
const source = heldRows(
  features,
  Int32Array.from({ length: COUNT }, (_, row) => Number(features[row * WIDTH]! > 0)),
  ['a', 'b']
)
const examples = new ResidentExamples(source)

/** Learning from an example takes its time. */
class Timed extends ResidentExamples {
  constructor(
    of: ExampleSource,
    private readonly onLearned: (count: number) => void
  ) {
    super(of)
  }

  override batch(rows: Int32Array): LabelledBatch {
    this.onLearned(rows.length)
    return super.batch(rows)
  }
}

interface Asked {
  readonly opinion: FoldsDone | undefined
  readonly isPaused: boolean
  readonly passes: number
  /** The first that was told. */
  readonly fraction: number | undefined
  readonly checkpoint: Checkpoint | undefined
}

/**
 * @param signal after so many passes
 * @param most passes that there is time for, as their cost says
 * @param slower than that cost
 */
async function ask(
  signal: (passes: number) => RunSignal,
  restored?: Checkpoint,
  most = Infinity,
  slower = 1
): Promise<Asked> {
  let passes = 0
  let clock = 0
  const fractions: number[] = []
  const saved: Checkpoint[] = []
  const run: TaskRun = {
    emit: (event) => void (event.type === 'progress' && fractions.push(event.fraction)),
    poll: () => Promise.resolve(signal(++passes)),
    seconds: () => clock++,
    ...(restored && { restored }),
    saveCheckpoint: (checkpoint) => Promise.resolve(void saved.push(structuredClone(checkpoint)))
  }
  let learned = 0
  const examples = new Timed(source, (count) => void (learned += slower * count))
  const limit: TimeLimit = {
    secondsLeft: () => ofPass * (most - learned / LEARNED),
    keepBack: () => undefined
  }
  const spec = denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: 'b', model: 'cnn' })
  const sizes = { train: COUNT, trusted: 1 }
  const recipe = { epochs: PASSES, batchSize: 10, learningRate: 1e-2, l2: 0 }
  const settings = { ...denoisingSettings(spec, sizes, false), final: () => recipe }
  const costed = { model: 'cnn', settings, sizes, shape: [WIDTH], isJudged: false, isTested: false }
  const ofPass = phaseCosts({ ...costed, isFirstLook: false }).judging / (2 * PASSES)
  const asked = await askNetwork({
    network: buildModel('mlp', { shape: [WIDTH], classes: 2, hiddenSizes: [4] }),
    train: examples,
    trusted: { examples, rows: Int32Array.of(0) },
    settings,
    spec,
    run: Number.isFinite(most) ? { ...run, limit } : run,
    progress: new DenoisingProgress(run, { ...costed, isFirstLook: false })
  }).catch((error: unknown) => {
    if (error instanceof RunPaused) return error
    throw error
  })
  const isPaused = asked instanceof RunPaused
  const opinion = isPaused ? undefined : asked
  return { opinion, isPaused, passes, fraction: fractions[0], checkpoint: saved.at(-1) }
}

it('is paused at once, and goes on with the fold that it was in', async () => {
  const complete = await ask(() => 'continue')
  expect(complete).toMatchObject({ isPaused: false, passes: 2 * PASSES, fraction: 0 })
  const paused = await ask((passes) => (passes > PASSES ? 'pause' : 'continue'))
  expect(paused).toMatchObject({ isPaused: true, passes: PASSES + 1 })
  const resumed = await ask(() => 'continue', paused.checkpoint)
  expect(resumed).toMatchObject({ passes: PASSES, opinion: complete.opinion })
  expect(resumed.fraction).toBeGreaterThan(0)
})

it('is not asked again by a run that goes on after it', async () => {
  const { opinion } = await ask(() => 'continue')
  expect(await ask(() => 'continue', checkpointOfFolds(opinion!))).toMatchObject({ passes: 0, opinion })
})

it('makes fewer passes where time is short, and is not asked where they would be too few', async () => {
  const { opinion } = await ask(() => 'continue')
  // Learning is left a quarter.
  const of = (share: number): number => (share * 2 * PASSES) / 0.75
  expect(await ask(() => 'continue', undefined, of(1.5))).toMatchObject({ passes: 2 * PASSES, opinion })
  const short = await ask(() => 'time', undefined, of(0.8))
  expect(short.opinion).toMatchObject({ folds: 2 })
  expect(short.passes).toBeLessThan(2 * PASSES)
  expect(short.passes).toBeGreaterThanOrEqual(PASSES)
  expect(await ask(() => 'time', undefined, of(0.3))).toMatchObject({ passes: 0, opinion: undefined })
})

it('is not asked where learning is slower here than was forecast, which a few steps tell', async () => {
  const slow = await ask(() => 'continue', undefined, (1.5 * 2 * PASSES) / 0.75, 5)
  expect(slow).toMatchObject({ passes: 0, opinion: undefined })
})

it('says nothing where the run is cancelled before it is there', async () => {
  const cancelled = await ask((passes) => (passes > PASSES + 1 ? 'cancel' : 'continue'))
  expect(cancelled).toMatchObject({ isPaused: false, opinion: undefined })
  // The fold that was cut short is not kept.
  expect(cancelled.checkpoint?.json).toMatchObject({ networkFolds: 1 })
})

it('leaves the word to the trusted examples where it says nothing', () => {
  const spec = denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: 'b', model: 'cnn' })
  const knowing = Float32Array.from({ length: 2 * COUNT }, (_, i) => {
    return examples.labels[Math.floor(i / 2)] === i % 2 ? 0.9 : 0.1
  })
  // It doubts one label.
  knowing.set([knowing[1]!, knowing[0]!])
  const { crossValidated, right, flags } = networkEvidence({ train: examples, spec }, undefined, knowing)
  expect(crossValidated).toBeUndefined()
  expect(right.indexOf(Math.min(...right))).toBe(0)
  expect(flags).toBeLessThan(COUNT / 4)
})
