import { beforeAll, describe, expect, it } from 'vitest'
import { selectBackend } from '@engine/backends'
import { fitLogistic, logisticProbabilities } from '@engine/numerics/logistic-regression'
import { fitSparse, sparseProbabilities } from '@engine/numerics/sparse-logistic'
import { pickRows, weighedTerms } from '@engine/numerics/sparse-rows'
import type { SparseRows } from '@engine/numerics/sparse-rows'
import { Random } from '@shared/numerics/random'
import { joinTerms, termRows } from '@shared/numerics/term-rows'

beforeAll(async () => {
  await selectBackend('wasm')
})

function dense({ starts, columns, values, width }: SparseRows): Float32Array {
  const out = new Float32Array((starts.length - 1) * width)
  for (let row = 0; row < starts.length - 1; row++)
    for (let i = starts[row]!; i < starts[row + 1]!; i++) out[row * width + columns[i]!] = values[i]!
  return out
}

describe('logistic regression on sparse rows', () => {
  it('has the solutions of the dense one, for several weighings and strengths', () => {
    const random = Random.derive(5, 'sparse')
    const classes = 3
    const texts = Array.from(
      { length: 90 },
      (_, row) => new Set(Array.from({ length: 6 }, () => random.below(12) + (row % classes) * 4))
    )
    const rows = weighedTerms(termRows(texts), 100)
    const labels = Int32Array.from(texts, (_, row) => (random.uniform() < 0.2 ? random.below(3) : row % 3))
    const problems = [1, 0].map((low, i) => ({
      weights: Float32Array.from(labels, (_, row) => (row % 4 === 0 ? low : 1)),
      c: i ? 10 : 0.5
    }))
    const sparse = sparseProbabilities(
      rows,
      fitSparse({ rows, labels, classes }, problems, undefined, 200),
      classes
    )
    const data = { features: dense(rows), labels, width: rows.width, classes }
    const same = logisticProbabilities(data, fitLogistic(data, problems, undefined, 200))
    expect(sparse).toHaveLength(same.length)
    const farthest = sparse.reduce((most, p, i) => Math.max(most, Math.abs(p - same[i]!)), 0)
    expect(farthest).toBeLessThan(0.01)
    // And they say something.
    expect(Math.max(...sparse)).toBeGreaterThan(0.8)
  })
})

describe('terms of texts', () => {
  const texts = termRows([[7, 9], [7, 3], [], [9, 7, 5]])

  it('count where several texts hold them, the rarer ones more, each text of length 1', () => {
    const rows = weighedTerms(texts, 10)
    // 7 is in three texts, 9 in two, the others in one.
    expect(rows.width).toBe(2)
    expect(Array.from(rows.starts)).toEqual([0, 2, 3, 3, 5])
    expect(Array.from(rows.columns)).toEqual([0, 1, 0, 1, 0])
    const [common, rare] = [1 + Math.log(5 / 4), 1 + Math.log(5 / 3)]
    const length = Math.hypot(common, rare)
    const expected = [common / length, rare / length, 1, rare / length, common / length]
    rows.values.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6))
  })

  it('are those of most texts where there are too many', () => {
    const rows = weighedTerms(texts, 1)
    expect(rows.width).toBe(1)
    expect(Array.from(rows.starts)).toEqual([0, 1, 2, 2, 3])
  })

  it('are picked and joined row by row', () => {
    const picked = pickRows(weighedTerms(texts, 10), [3, 2, 1])
    expect(Array.from(picked.starts)).toEqual([0, 2, 2, 3])
    expect(Array.from(picked.columns)).toEqual([1, 0, 0])
    const both = joinTerms(texts, termRows([[4], []]))
    expect(Array.from(both.starts)).toEqual([0, 2, 4, 4, 7, 8, 8])
    expect(Array.from(both.ids).slice(-2)).toEqual([5, 4])
  })
})
