import { describe, expect, test } from 'vitest'
import { Contenders } from '@engine/tasks/hyperparameters/contenders'
import type { TrainedClassifier } from '@engine/tasks/hyperparameters/contenders'

const classifier = (validationLoss: number, mark = 0): TrainedClassifier => ({
  validationLoss,
  validationAccuracy: 0.9,
  parameters: Float32Array.of(mark)
})

/** No regularisation 0.8, grid 0.5 (strength 0.01), then strengths on the way with these losses. */
function tuned(...losses: number[]): Contenders {
  const found = new Contenders()
  found.add('unregularised', classifier(0.8))
  found.addToGrid(0.001, classifier(0.6))
  found.addToGrid(0.01, classifier(0.5))
  found.addToGrid(0.1, classifier(0.7))
  found.tried(0, Float32Array.of(0.01), found.classifier('grid')!)
  losses.forEach((loss, i) => found.tried(i + 1, Float32Array.of(i + 1), classifier(loss, i + 1)))
  return found
}

describe('what a tuning keeps', () => {
  test('the best on validation, with its strengths and its classifier', () => {
    const found = tuned(0.45, 0.4, 0.42)
    expect(found.bestStep).toBe(2)
    expect(found.strengths).toEqual(Float32Array.of(2))
    expect(found.classifier('tuned')!.parameters).toEqual(Float32Array.of(2))
    expect(found.best).toBe('tuned')
  })

  test.each([
    ['nothing better', [0.6, 0.55]],
    ['only losses that are no numbers', [NaN, NaN]],
    ['nothing tried', []]
  ])('the start where there is %s', (_, losses) => {
    const found = tuned(...losses)
    expect(found.bestStep).toBe(0)
    expect(found.strengths).toEqual(Float32Array.of(0.01))
    expect(found.classifier('tuned')!.validationLoss).toBe(0.5)
    // The same classifier under two names: the simpler one wins.
    expect(found.best).toBe('grid')
    expect(found.advice(1, 100)[0]).toMatch(/started from/)
  })

  test('no regularisation may win over all', () => {
    const found = tuned(0.45)
    found.add('unregularised', classifier(0.3))
    expect(found.best).toBe('unregularised')
    expect(found.advice(1, 100)[0]).toMatch(/did not beat no regularisation/)
  })

  test('test accuracy is asked for what was kept only', () => {
    const asked: number[] = []
    tuned(0.45, 0.4, 0.42).scores((parameters) => {
      asked.push(parameters[0]!)
      return null
    })
    expect(asked).toEqual([0, 0, 2])
  })

  test('a checkpoint brings everything back', () => {
    const found = tuned(0.45, 0.4)
    const { json, arrays } = found.save()
    const again = new Contenders()
    again.restore({ json: JSON.parse(JSON.stringify(json)) as typeof json, arrays })
    expect(again.save()).toEqual(found.save())
    again.tried(3, Float32Array.of(3), classifier(0.41))
    expect(again.bestStep).toBe(2)
    expect(again.best).toBe('tuned')
  })
})
