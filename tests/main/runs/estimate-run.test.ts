import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { estimateRun } from '@main/runs/estimate-run'
import type { RunPlan } from '@main/runs/protocol'
import type { RunStore } from '@main/runs/run-store'
import { taskSpec } from '@shared/domain/task-spec'
import { temporaryFolder } from '@support/command'

const SPEC = taskSpec.parse({ task: 'denoising', train: 'a', trusted: 'b', model: 'mlp' })
const NONE = { list: () => [] } as unknown as RunStore

const plan = (shape: number[], lowerSteps: number | null, seconds?: number): RunPlan =>
  ({
    data: [{ role: 'train', reference: 'a', count: 1000, classes: 2, shape, poisoned: false }],
    lowerSteps,
    parameters: 1000,
    seconds
  }) as unknown as RunPlan

test('without a run like it, the costs of its phases tell, and the range is wide', () => {
  const { seconds, range } = estimateRun(NONE, SPEC, plan([28, 28, 1], 1100, 20))
  // And what a run takes beside its training.
  expect(seconds).toBe(22)
  expect(range).toEqual({ low: 11, high: 55 })
})

test('a run of unknown costs has no forecast until one like it has ended', () => {
  expect(estimateRun(NONE, SPEC, plan([28, 28, 1], null))).toMatchObject({ seconds: null, range: null })
})

test('a run does not take longer than its time limit, in the forecast either', () => {
  const costs = plan([28, 28, 1], 1100, 100)
  const limited = (maxSeconds?: number) =>
    estimateRun(NONE, { ...SPEC, ...(maxSeconds && { maxSeconds }) }, costs)
  expect([limited(), limited(500), limited(30)].map(({ seconds }) => seconds)).toEqual([102, 102, 30])
  expect(limited(500).basis).not.toContain('time limit')
  expect(limited(30).basis).toContain('The time limit ends it about then')
  const unknown = estimateRun(NONE, { ...SPEC, maxSeconds: 90 }, plan([28, 28, 1], null))
  expect(unknown).toMatchObject({ seconds: null, basis: expect.stringContaining('after about 1 min 30 s') })
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
  expect(estimateRun(store, SPEC, plan([128, 128, 3], 3000, 500)).basis).toContain('rates measured')
})
