import { describe, expect, test } from 'vitest'
import { convergenceWords, costWords, STATE_SEVERITY, STATE_WORDS } from '@renderer/features/runs/run-words'
import type { Report } from '@shared/domain/report'
import { hasRunEnded, RUN_STATES } from '@shared/domain/run'
import { Random } from '@shared/numerics/random'
import { METHODS } from '@shared/domain/task-spec'
import { METHOD_WORDS } from '@shared/domain/method'

/** Losses along a curve, with noise of this size around it. */
function losses(curve: (t: number) => number, noise = 0, count = 90): number[] {
  const random = Random.derive(1, 'losses')
  return Array.from({ length: count }, (_, i) => curve(i / count) + noise * (2 * random.uniform() - 1))
}

describe('whether a run still learns', () => {
  test('too few losses tell nothing', () => {
    expect(convergenceWords([])).toContain('curves begin')
    expect(convergenceWords(losses((t) => 1 - t, 0, 11))).toContain('too few')
    expect(convergenceWords(losses((t) => 1 - t, 0, 12))).not.toContain('too few')
  })

  test('one loss that is no number is divergence', () => {
    const f = losses(() => 1)
    for (const value of [NaN, Infinity]) expect(convergenceWords(f.with(40, value))).toContain('diverges')
  })

  test('falling, with and without the noise of batches', () => {
    expect(convergenceWords(losses((t) => Math.exp(-3 * t)))).toContain('still falling')
    expect(convergenceWords(losses((t) => Math.exp(-3 * t), 0.05))).toContain('still falling')
  })

  test('rising', () => {
    expect(convergenceWords(losses((t) => 1 + t))).toContain('is rising')
    expect(convergenceWords(losses((t) => 1 + t, 0.1))).toContain('is rising')
  })

  test('level, also after a steep beginning', () => {
    expect(convergenceWords(losses(() => 0.3))).toContain('nearly converged')
    expect(convergenceWords(losses((t) => 0.3 + Math.exp(-60 * t)))).toContain('nearly converged')
    // One percent is less than what counts as a change.
    expect(convergenceWords(losses((t) => 1 - 0.02 * t))).toContain('nearly converged')
    expect(convergenceWords(losses(() => 0))).toContain('nearly converged')
  })

  test('noise that hides any trend is called noise', () => {
    const batches = losses((t) => 1 - 0.1 * t).map((f, i) => f + (i % 2 === 0 ? 0.9 : -0.9))
    expect(convergenceWords(batches)).toContain('no trend stands out')
  })
})

test('every state and method has its word', () => {
  expect(Object.keys(STATE_WORDS).sort()).toEqual([...RUN_STATES].sort())
  expect(Object.keys(STATE_SEVERITY).sort()).toEqual([...RUN_STATES].sort())
  const methodNames = Object.fromEntries(METHODS.map((method) => [method, METHOD_WORDS[method].name]))
  for (const words of [STATE_WORDS, methodNames]) {
    expect(new Set(Object.values(words)).size).toBe(Object.keys(words).length)
  }
})

test('a run has ended when nothing will happen to it by itself', () => {
  const ended = RUN_STATES.filter((state) => hasRunEnded(state))
  expect(ended).toEqual(['done', 'failed', 'cancelled'])
})

test('what a run took: steps only where there were some', () => {
  const report = (stopped: string, upperSteps: number, trusted: string | false = 'b'): Report =>
    ({
      stopped,
      timing: { seconds: 8.2, upperSteps, lowerSteps: 5 * upperSteps, lowerStepsPerSecond: 12 },
      memory: { peakRssMiB: 575 },
      backend: { name: 'native', device: 'CPU' },
      seed: 0,
      spec: { task: 'denoising', trusted }
    }) as unknown as Report
  expect(costWords(report('converged', 0))).toBe('It took 8 s, at most 575 MiB, on native CPU, seed 0.')
  // There is no best result so far of a run that has made no step.
  for (const stopped of ['cancelled', 'time']) {
    expect(costWords(report(stopped, 0))).toMatch(/^It was ended .+, before it learned anything itself\./)
    expect(costWords(report(stopped, 0, false))).toMatch(/^It was ended .+, with what it knew by then\./)
    expect(costWords(report(stopped, 3))).toContain('with the best result so far')
  }
  expect(costWords(report('converged', 40))).toContain(
    'It converged. 8 s, 40 steps on u, 200 on v (12 a second)'
  )
})
