import { beforeAll, expect, it } from 'vitest'
import { selectBackend } from '@engine/backends'
import type { ExampleSource, RunSignal, TaskRun } from '@engine/tasks/shared/task-run'
import { RunPaused } from '@engine/tasks/shared/task-run'
import { trainDenoising } from '@engine/tasks/denoising/train'
import { denoisingSpec } from '@shared/domain/denoising-spec'
import { Random } from '@shared/numerics/random'
import { heldRows } from '@support/held-rows'

beforeAll(async () => {
  await selectBackend('wasm')
})

const WIDTH = 2

function table(count: number, seed: number): ExampleSource {
  const random = Random.derive(seed, 'paused')
  const features = Float32Array.from({ length: count * WIDTH }, () => random.normal())
  const labels = Int32Array.from({ length: count }, (_, row) => Number(features[row * WIDTH]! > 0))
  return heldRows(features, labels, ['a', 'b'])
}

it('does not wait for judgements that a resumed run makes anew', async () => {
  const phases = new Set<string>()
  let polls = 0
  const run: TaskRun = {
    emit: (event) => void (event.type === 'progress' && phases.add(event.phase)),
    poll: () => {
      polls++
      return Promise.resolve('pause')
    },
    seconds: () => 0,
    saveCheckpoint: () => Promise.resolve()
  }
  const spec = denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: 'b', model: 'logistic' })
  const sources = { train: table(60, 1), trusted: table(20, 2) }
  await expect(trainDenoising(sources, spec, run)).rejects.toBeInstanceOf(RunPaused)
  expect(phases.size).toBe(1)
  expect(polls).toBe(1)
})

it('asks no more that a cancelled run can do without, and ends it with what it knows', async () => {
  const looked = async (signal: (polls: number) => RunSignal) => {
    const fractions = new Set<number>()
    let polls = 0
    const run: TaskRun = {
      emit: (event) => void (event.type === 'progress' && fractions.add(event.fraction)),
      poll: () => Promise.resolve(signal(++polls)),
      seconds: () => polls,
      saveCheckpoint: () => Promise.resolve()
    }
    const spec = denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: false, model: 'logistic' })
    const result = await trainDenoising({ train: table(60, 1), trusted: undefined }, spec, run)
    return { ...result, polls }
  }
  const complete = await looked(() => 'continue')
  const cancelled = await looked((polls) => (polls > 1 ? 'cancel' : 'continue'))
  expect(cancelled.stopped).toBe('cancelled')
  expect(cancelled.polls).toBeLessThan(complete.polls)
  expect(cancelled.evidence.combined.every((score) => score >= 0 && score <= 1)).toBe(true)
  expect(cancelled.advice.join()).not.toContain('time limit')
})

it('of a limited run, training on the trusted examples takes half of the time at most', async () => {
  const PASS = 2
  const LIMIT = 40
  let seconds = 0
  let phase = ''
  let passes = 0
  const run: TaskRun = {
    emit: (event) => void (event.type === 'progress' && (phase = event.phase)),
    poll: () => {
      if (phase === 'training on the trusted examples') passes++
      seconds += PASS
      return Promise.resolve(seconds > LIMIT ? 'time' : 'continue')
    },
    seconds: () => seconds,
    limit: { secondsLeft: () => LIMIT - seconds, keepBack: () => undefined },
    saveCheckpoint: () => Promise.resolve()
  }
  const settings = { model: 'mlp', hiddenSizes: [4], crossValidation: 0, epochs: 1, pretrainEpochs: 40 }
  const spec = denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: 'b', ...settings })
  await trainDenoising({ train: table(60, 1), trusted: table(20, 2) }, spec, run)
  expect(passes).toBeGreaterThan(5)
  expect(passes * PASS).toBeLessThanOrEqual(LIMIT / 2 + PASS)
})
