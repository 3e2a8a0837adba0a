import { beforeAll, expect, it } from 'vitest'
import { selectBackend } from '@engine/backends'
import { buildModel } from '@engine/models/classifier'
import type { FoldsDone } from '@engine/tasks/denoising/confidence'
import { askNetwork, checkpointOfFolds, networkEvidence } from '@engine/tasks/denoising/network-evidence'
import { DenoisingProgress } from '@engine/tasks/denoising/progress'
import { denoisingSettings } from '@engine/tasks/denoising/settings'
import { ResidentExamples } from '@engine/tasks/shared/resident-examples'
import { RunPaused } from '@engine/tasks/shared/task-run'
import type { Checkpoint, RunSignal, TaskRun } from '@engine/tasks/shared/task-run'
import { denoisingSpec } from '@shared/domain/denoising-spec'
import { Random } from '@shared/numerics/random'

beforeAll(async () => {
  await selectBackend('wasm')
})

const COUNT = 60
const WIDTH = 2
/** Passes of a fold. */
const PASSES = 8

const random = Random.derive(1, 'asked')
const features = Float32Array.from({ length: COUNT * WIDTH }, () => random.normal())
const examples = new ResidentExamples({
  count: COUNT,
  shape: [WIDTH],
  classNames: ['a', 'b'],
  labels: Int32Array.from({ length: COUNT }, (_, row) => Number(features[row * WIDTH]! > 0)),
  readRows: (rows) =>
    Float32Array.from({ length: rows.length * WIDTH }, (_, i) => {
      return features[rows[Math.floor(i / WIDTH)]! * WIDTH + (i % WIDTH)]!
    })
})

interface Asked {
  readonly opinion: FoldsDone | undefined
  readonly isPaused: boolean
  readonly passes: number
  /** The first that was told. */
  readonly fraction: number | undefined
  readonly checkpoint: Checkpoint | undefined
}

/** @param signal after so many passes */
async function ask(signal: (passes: number) => RunSignal, restored?: Checkpoint): Promise<Asked> {
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
  const spec = denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: 'b', model: 'cnn' })
  const sizes = { train: COUNT, trusted: 1 }
  const recipe = { epochs: PASSES, batchSize: 10, learningRate: 1e-2, l2: 0 }
  const settings = { ...denoisingSettings(spec, sizes, false), final: () => recipe }
  const costed = { model: 'cnn', settings, sizes, shape: [WIDTH], isJudged: false, isTested: false }
  const asked = await askNetwork({
    network: buildModel('mlp', { shape: [WIDTH], classes: 2, hiddenSizes: [4] }),
    train: examples,
    trusted: { examples, rows: Int32Array.of(0) },
    settings,
    spec,
    run,
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

it('is not ended by time that is up: flags come from it', async () => {
  const { opinion } = await ask(() => 'continue')
  expect(await ask(() => 'time')).toMatchObject({ passes: 2 * PASSES, opinion })
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
