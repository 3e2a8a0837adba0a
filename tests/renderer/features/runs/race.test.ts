import { describe, expect, test } from 'vitest'
import { raceOf, sameButMethod } from '@renderer/features/runs/race'
import { bestOf } from '@shared/tasks/best-of'
import { raceVerdict } from '@renderer/features/runs/race-verdict'
import type { Finish } from '@renderer/features/runs/race-verdict'
import type { Report } from '@shared/domain/report'
import type { RunRecord } from '@shared/domain/run'
import { qualitiesOf, raceMethods, tellingCurve } from '@shared/tasks'
import { denoisingSpec, poisoningSpec } from '@shared/domain/task-spec'
import type { Method, TaskSpec } from '@shared/domain/task-spec'

const spec = (method: Method, seed = 0): TaskSpec =>
  denoisingSpec.parse({ task: 'denoising', train: 'a#train', trusted: 'a#checked', method, seed })

const record = (id: string, of: TaskSpec, state: RunRecord['state']): RunRecord =>
  ({ id, spec: of, state }) as RunRecord

const report = (task: string, metrics: Record<string, unknown>): Report => ({ task, metrics }) as Report

describe('the runs of a race', () => {
  test('differ in the method alone', () => {
    expect(sameButMethod(spec('penalty'), spec('gd'))).toBe(true)
    expect(sameButMethod(spec('penalty'), spec('gd', 1))).toBe(false)
    expect(sameButMethod(spec('penalty'), { ...spec('gd'), epochs: 3 } as TaskSpec)).toBe(false)
    const reordered = Object.fromEntries(Object.entries(spec('gd')).reverse()) as TaskSpec
    expect(sameButMethod(spec('penalty'), { ...reordered, epochs: undefined } as TaskSpec)).toBe(true)
  })

  test('are on the same content, whatever it was called', () => {
    const pinned = (name: string, hash: string): TaskSpec => ({
      ...denoisingSpec.parse({ task: 'denoising', train: `${name}#train`, trusted: `${name}#checked` }),
      pins: [{ source: name, dataset: name, contentHash: hash.repeat(64), corrections: null }]
    })
    expect(sameButMethod(pinned('a', '1'), pinned('renamed', '1'))).toBe(true)
    expect(sameButMethod(pinned('a', '1'), pinned('a', '2'))).toBe(false)
  })

  test('are those there already, a finished one first; failed ones are run again', () => {
    const runs = raceOf(spec('penalty'), [
      record('queued', spec('penalty'), 'queued'),
      record('done', spec('penalty'), 'done'),
      record('failed', spec('rmd'), 'failed'),
      record('other seed', spec('gd', 1), 'done'),
      record('running', spec('approx-grad'), 'running')
    ])
    expect([...runs].map(([method, { id }]) => [method, id])).toEqual([
      ['penalty', 'done'],
      ['approx-grad', 'running']
    ])
  })
})

test('GD is left out where the task refuses it', () => {
  const attack = (kind: string): TaskSpec =>
    poisoningSpec.parse({ task: 'poisoning', attack: kind, train: 'a', validation: 'b' })
  expect(raceMethods(attack('targeted'))).not.toContain('gd')
  expect(raceMethods(attack('clean-label'))).toContain('gd')
  expect(raceMethods(spec('penalty'))).toContain('gd')
})

describe('quality', () => {
  test('of poisoning is the damage, on validation where nothing was tested', () => {
    const tested = {
      attack: 'untargeted',
      on: 'test',
      testAccuracy: { clean: 0.9, labelFlip: 0.85, poisoned: 0.6 }
    }
    expect(qualitiesOf(report('poisoning', tested))).toEqual([
      { name: 'test accuracy lost', value: expect.closeTo(0.3), better: 'higher', share: true }
    ])
    const validation = { ...tested, on: 'validation' }
    const untested = { attack: 'untargeted', testAccuracy: { clean: null, poisoned: null }, validation }
    expect(qualitiesOf(report('poisoning', untested))[0]).toMatchObject({
      name: 'validation accuracy lost'
    })
    expect(qualitiesOf(report('poisoning', { netSuccessRate: 0.4 }))).toMatchObject([{ value: 0.4 }])
  })

  test('of denoising is what a classifier gains, before what the weights find', () => {
    const names = (metrics: Record<string, unknown>): string[] =>
      qualitiesOf(report('denoising', metrics)).map(({ name }) => name)
    const evidence = { weight: { auroc: 0.97 } }
    const heldBackAccuracy = { cleaned: 0.8, bilevel: 0.7 }
    expect(names({ testAccuracy: { cleaned: 0.9, bilevel: 0.8 }, evidence, heldBackAccuracy })).toEqual([
      'test accuracy, retrained on what was kept',
      "test accuracy, the run's own classifier",
      'AUROC of the learned weights'
    ])
    expect(names({ testAccuracy: { cleaned: null, bilevel: null }, heldBackAccuracy })[0]).toBe(
      'accuracy on held-back trusted, retrained on what was kept'
    )
  })

  test('the best is marked only where two differ', () => {
    expect(bestOf([1, 3, undefined, 3], 'higher')).toEqual([false, true, false, true])
    expect(bestOf([1, 3, 2], 'lower')).toEqual([true, false, false])
    expect(bestOf([1, undefined], 'higher')).toEqual([false, false])
    expect(bestOf([2, 2], 'higher')).toEqual([false, false])
    // What reads the same is equally good.
    const rounded = (value: number): string => value.toFixed(1)
    expect(bestOf([0.91, 0.94, 0.2], 'higher', rounded)).toEqual([true, true, false])
    expect(bestOf([0.91, 0.94], 'higher', rounded)).toEqual([false, false])
  })

  test('while training, the curve that tells most is shown', () => {
    expect(tellingCurve('denoising', new Set(['f', 'extra.heldBackAccuracy', 'extra.auroc']))).toBe(
      'extra.auroc'
    )
    expect(tellingCurve('poisoning', new Set(['f']))).toBe('f')
  })
})

describe('the verdict', () => {
  const finish = (name: string, value: number | undefined, seconds: number, tensorMiB: number): Finish => ({
    name,
    seconds,
    tensorMiB,
    quality: value === undefined ? undefined : { name: 'test accuracy', value, better: 'higher', share: true }
  })

  test('says of two who did better, who was quicker, and who held less', () => {
    expect(raceVerdict([finish('Penalty', 0.91, 70, 3), finish('RMD', 0.88, 65, 40)])).toBe(
      'Penalty did better: 91.0 % (test accuracy). RMD was quicker: 1 min 5 s. Penalty held less in memory: 3 MiB.'
    )
  })

  test('of three the best is told', () => {
    const of = (name: string, value: number, seconds: number): Finish => ({
      ...{ name, seconds, tensorMiB: 1 },
      quality: { name: 'loss', better: 'lower', value, share: false }
    })
    expect(raceVerdict([of('A', 1, 5), of('B', 2, 3), of('C', 3, 4)])).toBe(
      'A did best: 1 (loss). B was quickest: 3 s.'
    )
  })

  test('does not tell apart what reads the same, and names who came to nothing', () => {
    expect(
      raceVerdict([
        finish('Penalty', 0.9101, 70, 3),
        finish('GD', 0.9099, 60, 3),
        finish('RMD', undefined, 1, 1)
      ])
    ).toBe(
      'Penalty and GD did equally well: 91.0 % (test accuracy). GD was quicker: 1 min 0 s. RMD came to no result.'
    )
    expect(raceVerdict([finish('RMD', undefined, 1, 1)])).toBeUndefined()
  })

  test('less is better for a loss', () => {
    const loss = (name: string, value: number): Finish => ({
      name,
      seconds: undefined,
      tensorMiB: undefined,
      quality: { name: 'validation loss', value, better: 'lower', share: false }
    })
    expect(raceVerdict([loss('Penalty', 0.31234), loss('RMD', 0.4)])).toBe(
      'Penalty did better: 0.312 (validation loss).'
    )
  })
})
