import { describe, expect, it } from 'vitest'
import { tensor, tensor1d } from '@tensorflow/tfjs-core'
import { selectBackend } from '@engine/backends'
import { buildModel } from '@engine/models/classifier'
import {
  constantColumns,
  featureScale,
  standardised,
  withoutScale
} from '@engine/tasks/shared/standardised-features'
import type { ExampleSource } from '@engine/tasks/shared/task-run'
import { Random } from '@shared/numerics/random'

function source(rows: readonly (readonly number[])[], shape = [rows[0]!.length]): ExampleSource {
  return {
    count: rows.length,
    shape,
    classNames: ['a', 'b'],
    labels: new Int32Array(rows.length),
    readRows: (wanted) => Float32Array.from(Array.from(wanted).flatMap((row) => rows[row]!))
  }
}

describe('features of tables on one scale', () => {
  it('centres and scales columns, and gives a constant one nothing', () => {
    const table = source([
      [1000, 7, 0.1],
      [3000, 7, 0.3],
      [1000, 7, 0.1],
      [3000, 7, 0.3]
    ])
    const scale = featureScale(table)!
    expect(constantColumns(scale)).toBe(1)
    const rows = standardised(table, scale).readRows([0, 1])
    const expected = [-1, 0, -1, 1, 0, 1]
    rows.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5))
  })

  it('is not led by a few values far out', () => {
    const random = Random.derive(3, 'far out')
    const rows = Array.from({ length: 1000 }, (_, i) => [i === 0 ? 30 : random.normal()])
    const scale = featureScale(source(rows))!
    // A thirtieth of the range is more than a unit; the tail itself moves nothing.
    expect(1 / scale.factor[0]!).toBeGreaterThan(0.9)
    expect(1 / scale.factor[0]!).toBeLessThan(2)
    expect(Math.abs(scale.centre[0]!)).toBeLessThan(0.1)
  })

  it('keeps what is rare among two values, at most five spreads away', () => {
    const rare = source(Array.from({ length: 1000 }, (_, i) => [i === 7 ? 1 : 0, i % 2, i < 100 ? 3 : 1]))
    const { centre, factor } = featureScale(rare)!
    expect(centre[0]).toBeCloseTo(0.001, 6)
    expect(factor[0]).toBeCloseTo(5, 6)
    expect(factor[1]).toBeCloseTo(2, 6)
    expect([centre[2], factor[2]].map((value) => value!.toFixed(4))).toEqual(['1.2000', (1 / 0.6).toFixed(4)])
  })

  it('gives features that are alike one factor, and together the spread of twenty columns', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => [i % 10, i % 2, Number(i < 30), 0])
    const { centre, factor } = featureScale({ ...source(rows), alike: [[1, 4]] })!
    const alone = featureScale(source(rows))!
    expect(factor[0]).toBe(alone.factor[0])
    expect(centre).toEqual(alone.centre)
    expect(factor[1]).toBe(factor[2])
    expect(factor[3]).toBe(0)
    const spread = [1, 2].reduce((sum, j) => sum + (factor[j]! / alone.factor[j]!) ** 2, 0)
    expect(spread).toBeCloseTo(20, 6)
  })

  it('leaves pictures as they are', () => {
    const pictures = source([[0.2, 0.4, 0.6, 0.8]], [2, 2, 1])
    expect(featureScale(pictures)).toBeUndefined()
    expect(standardised(pictures, undefined)).toBe(pictures)
  })

  it('gives a saved model that answers the same on features as they are', async () => {
    await selectBackend('wasm')
    const random = Random.derive(5, 'folding')
    const rows = Array.from({ length: 20 }, () => [100 + 10 * random.normal(), 0.01 * random.normal(), 4])
    const table = source(rows)
    const scale = featureScale(table)!
    for (const name of ['logistic', 'mlp']) {
      const network = buildModel(name, { shape: [3], classes: 2, hiddenSizes: [5] })
      const parameters = network.initialise(random).map((value) => value + 0.3 * random.normal())
      const every = rows.map((_, i) => i)
      const answers = (flat: Float32Array, from: ExampleSource): Float32Array =>
        network.forward(tensor1d(flat), tensor(from.readRows(every), [20, 3])).output.dataSync<'float32'>()
      const inside = answers(parameters, standardised(table, scale))
      const outside = answers(withoutScale(network, parameters, scale), table)
      outside.forEach((value, i) => expect(value).toBeCloseTo(inside[i]!, 3))
    }
  })
})
