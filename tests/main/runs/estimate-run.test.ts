import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { estimateRun } from '@main/runs/estimate-run'
import type { RunPlan } from '@main/runs/protocol'
import type { RunStore } from '@main/runs/run-store'
import { taskSpec } from '@shared/domain/task-spec'
import { temporaryFolder } from '@support/datasets'

const SPEC = taskSpec.parse({ task: 'denoising', train: 'a', trusted: 'b', model: 'mlp' })
const NONE = { list: () => [] } as unknown as RunStore

const plan = (shape: number[], lowerSteps: number | null, count = 1000): RunPlan =>
  ({
    data: [{ role: 'train', reference: 'a', count, classes: 2, shape, poisoned: false }],
    lowerSteps,
    parameters: 1000
  }) as unknown as RunPlan

test('without a run like it, larger inputs take longer in proportion, and the range is wide', () => {
  const small = estimateRun(NONE, SPEC, plan([28, 28, 1], 1100))
  // 1100 steps at 110 a second, twice: the rest of the run.
  expect(small.seconds).toBe(20)
  expect(small.range).toEqual({ low: 6, high: 80 })
  expect(estimateRun(NONE, SPEC, plan([56, 56, 1], 1100)).seconds).toBe(80)
  // A tiny input is no faster than a small one.
  expect(estimateRun(NONE, SPEC, plan([4], 1100)).seconds).toBe(7)
})

test('a run without such steps has no forecast until one like it has ended', () => {
  expect(estimateRun(NONE, SPEC, plan([28, 28, 1], null))).toMatchObject({ seconds: null, range: null })
  expect(estimateRun(NONE, SPEC, plan([28, 28, 1], 0))).toMatchObject({ seconds: null, range: null })
})

test('the run most like it tells, by its own time, and more surely the more alike it is', () => {
  const folder = temporaryFolder()
  const earlier = (name: string, seconds: number, lowerSteps: number, shape: number[]) => {
    const outputDir = path.join(folder, name)
    mkdirSync(outputDir)
    const report = {
      schema: 1,
      task: 'denoising',
      method: 'penalty',
      model: 'mlp',
      seed: 0,
      stopped: 'epochs',
      backend: { name: 'native', version: '1', device: 'cpu', threads: 1 },
      data: { train: 1000, shape },
      metrics: {},
      timing: { seconds, upperSteps: 1, lowerSteps, lowerStepsPerSecond: 1 },
      memory: { peakRssMiB: 500, peakTensorMiB: 1 },
      advice: [],
      spec: SPEC
    }
    writeFileSync(path.join(outputDir, 'report.json'), JSON.stringify(report))
    return { state: 'done', spec: SPEC, outputDir }
  }
  const runs = [earlier('photographs', 400, 15, [64, 64, 3]), earlier('digits', 50, 1000, [28, 28, 1])]
  const store = { list: () => runs } as unknown as RunStore
  expect(estimateRun(store, SPEC, plan([28, 28, 1], 1100))).toMatchObject({
    seconds: 55,
    range: { low: 39, high: 83 },
    memoryMiB: 500
  })
  // Three times the steps of the one, and twenty times its inputs: of neither's order.
  expect(estimateRun(store, SPEC, plan([128, 128, 3], 3000)).basis).toContain('rates measured')
})
