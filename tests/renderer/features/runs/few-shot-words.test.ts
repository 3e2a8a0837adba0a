import { describe, expect, test } from 'vitest'
import { episodeAfter, episodeWays, signOf } from '@renderer/features/runs/few-shot-words'
import { fewShotVerdict } from '@shared/tasks/few-shot'
import type { FewShotMetrics } from '@shared/domain/few-shot-metrics'
import { fewShotSpec } from '@shared/domain/task-spec'

const around = (mean: number, half: number) => ({
  mean,
  interval: [mean - half, mean + half] as [number, number],
  tasks: 100
})

const spec = fewShotSpec.parse({ task: 'few-shot', train: 'a', test: 'b' })

function metrics(overPretrained: number): FewShotMetrics {
  return {
    accuracy: around(0.487, 0.022),
    baselines: { random: around(0.384, 0.02), pretrained: around(0.485, 0.02) },
    gain: { overRandom: around(0.103, 0.02), overPretrained: around(overPretrained, 0.01) },
    heldBack: [],
    bestStep: 20
  }
}

describe('the verdict of few-shot learning', () => {
  test('says accuracy, interval and guessing', () => {
    expect(fewShotVerdict(metrics(0.05), spec)[0]).toBe(
      'From one example each, 5 classes never seen before are told apart with 48.7 % accuracy (95 % interval 46.5 % to 50.9 %, 100 tasks); guessing gives 20 %.'
    )
  })

  test('claims a gain only where its interval leaves out zero', () => {
    expect(fewShotVerdict(metrics(0.05), spec)[1]).toContain('gains 5.0 points (4.0 to 6.0 points')
    expect(fewShotVerdict(metrics(0.002), spec)[1]).toContain('cannot be told from pretraining')
    expect(fewShotVerdict(metrics(-0.05), spec)[1]).toContain('5.0 points worse than pretraining')
  })
})

describe('an episode', () => {
  test('has its queries judged by way', () => {
    const ways = episodeWays({
      classes: ['cat', 'dog'],
      support: [[4], [7]],
      query: [
        [5, 6],
        [8, 9]
      ],
      predicted: [
        [0, 1],
        [1, 1]
      ],
      accuracy: 0.75
    })
    expect(ways[0]).toEqual({
      sign: 'A',
      name: 'cat',
      support: [4],
      queries: [
        { row: 5, predicted: 0, right: true },
        { row: 6, predicted: 1, right: false }
      ],
      right: 1
    })
    expect(ways[1]!.right).toBe(2)
  })

  test('signs go on after Z', () => {
    expect([0, 25, 26, 51, 52].map(signOf)).toEqual(['A', 'Z', 'AA', 'AZ', 'BA'])
  })

  test('keys step through the list and stay in it', () => {
    expect(episodeAfter('ArrowRight', 0, 3)).toBe(1)
    expect(episodeAfter('ArrowRight', 2, 3)).toBe(2)
    expect(episodeAfter('PageUp', 2, 3)).toBe(0)
    expect(episodeAfter('End', 0, 3)).toBe(2)
    expect(episodeAfter('k', 0, 3)).toBeUndefined()
  })
})
