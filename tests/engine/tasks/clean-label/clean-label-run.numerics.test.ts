import { memory } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { selectBackend } from '@engine/backends'
import { craftCleanLabel } from '@engine/tasks/clean-label/train'
import type { CleanLabelResult } from '@engine/tasks/clean-label/train'
import { RunPaused } from '@engine/tasks/shared/task-run'
import type { Checkpoint, ExampleSource, RunSignal, TaskRun } from '@engine/tasks/shared/task-run'
import { Random } from '@shared/numerics/random'
import { poisoningSpec } from '@shared/domain/task-spec'

const SIDE = 8
const SIZE = SIDE * SIDE

/** Pictures of bars: upright or lying, at a random place, in noise. Values are bytes / 255. */
function bars(count: number, seed: number): ExampleSource {
  const random = new Random(seed)
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2)
  const pixels = new Float32Array(count * SIZE)
  labels.forEach((label, i) => {
    const place = random.below(SIDE - 1)
    for (let at = 0; at < SIZE; at++) {
      const across = label === 0 ? at % SIDE : Math.floor(at / SIDE)
      const lit = across === place || across === place + 1
      pixels[i * SIZE + at] = Math.round(255 * (0.35 * random.uniform() + (lit ? 0.6 : 0))) / 255
    }
  })
  return {
    count,
    shape: [SIDE, SIDE, 1],
    classNames: ['upright', 'lying'],
    labels,
    readRows: (rows) => {
      const out = new Float32Array(rows.length * SIZE)
      for (let i = 0; i < rows.length; i++) {
        out.set(pixels.subarray(rows[i]! * SIZE, (rows[i]! + 1) * SIZE), i * SIZE)
      }
      return out
    }
  }
}

const sources = { train: bars(80, 1), validation: bars(40, 2) }
const spec = poisoningSpec.parse({
  task: 'poisoning',
  attack: 'clean-label',
  train: 'bars',
  validation: 'bars',
  targets: 4,
  count: 2,
  epochs: 8,
  upperSteps: 12,
  lowerSteps: 2,
  batchSize: 32,
  epsilon: 0.2
})

interface StandIn extends TaskRun {
  saved?: Checkpoint
}

/** @param wanted what the owner says after so many polls */
function standIn(wanted: (polls: number) => RunSignal = () => 'continue', restored?: Checkpoint): StandIn {
  let polls = 0
  const run: StandIn = {
    emit: () => undefined,
    poll: () => Promise.resolve(wanted(++polls)),
    seconds: () => polls / 100,
    restored,
    saveCheckpoint: (checkpoint) => {
      // As a file would hold it: the run goes on changing its arrays.
      run.saved = structuredClone(checkpoint)
      return Promise.resolve()
    }
  }
  return run
}

async function attack(run: TaskRun): Promise<CleanLabelResult> {
  return craftCleanLabel(sources, spec, run, true)
}

describe('a clean-label run', () => {
  let uninterrupted: CleanLabelResult
  beforeAll(async () => {
    await selectBackend('auto')
    uninterrupted = await attack(standIn())
  })

  test('moves the poisons towards their targets, within the bound, and judges them', () => {
    const judgement = uninterrupted.judge(uninterrupted.x)
    expect(judgement.trials).toHaveLength(4)
    for (const { featureDistance, sizes } of judgement.trials) {
      expect(featureDistance.after).toBeLessThan(featureDistance.before)
      for (const { linf } of sizes) expect(linf).toBeLessThanOrEqual(0.2 + 1e-6)
    }
    // Bases judged as poisons: nothing moved, nothing gained over the duplicates.
    for (const { success, duplicateSuccess, sizes, featureDistance } of uninterrupted.judge(
      uninterrupted.xBase
    ).trials) {
      expect(success).toBe(duplicateSuccess)
      expect(sizes.map(({ l2 }) => l2)).toEqual([0, 0])
      expect(featureDistance.after).toBe(featureDistance.before)
    }
    // The targets' own images under the poisons' labels: what no victim that fits its data can resist.
    const copies = new Float32Array(uninterrupted.x.length)
    for (let i = 0; i < 8; i++) {
      const k = Math.floor(i / 2)
      copies.set(uninterrupted.targetImages.subarray(k * SIZE, (k + 1) * SIZE), i * SIZE)
    }
    const planted = uninterrupted.judge(copies)
    expect(planted.poisonsFitted).toBe(1)
    for (const { success, becameTarget } of planted.trials) {
      expect(success).toBe(true)
      expect(becameTarget).toBe(true)
    }
  })

  test('paused and continued it gives the same poisons', async () => {
    // Eight polls belong to the epochs of the feature network, then there is one before each step.
    const paused = standIn((polls) => (polls === 13 ? 'pause' : 'continue'))
    await expect(attack(paused)).rejects.toBeInstanceOf(RunPaused)
    expect(paused.saved?.json).toMatchObject({ phase: 'clean-label', loop: { step: 4 } })
    const continued = await attack(standIn(undefined, paused.saved))
    expect(continued.x).toEqual(uninterrupted.x)
    expect(continued.upperSteps).toBe(12)
    continued.dispose()
  })

  test('out of time or cancelled it ends with what it has', async () => {
    for (const [signal, stopped] of [
      ['time', 'time'],
      ['cancel', 'cancelled']
    ] as const) {
      const result = await attack(standIn((polls) => (polls < 11 ? 'continue' : signal)))
      expect(result.stopped).toBe(stopped)
      expect(result.upperSteps).toBe(2)
      expect(result.judge(result.x).trials).toHaveLength(4)
      result.dispose()
    }
  })

  test('leaves no tensors behind', async () => {
    const before = memory().numTensors
    const result = await attack(standIn())
    result.judge(result.x)
    result.dispose()
    expect(memory().numTensors).toBe(before)
  })
})
