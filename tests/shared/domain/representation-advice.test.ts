import { describe, expect, test } from 'vitest'
import { adviseOnRepresentation } from '@shared/domain/representation-advice'
import type { RepresentationFacts } from '@shared/domain/representation-advice'

const facts = (change: Partial<RepresentationFacts>): RepresentationFacts => ({
  task: 'denoising',
  model: 'mlp',
  features: undefined,
  shape: [64, 64, 3],
  hasTexts: false,
  extractors: { pictures: ['efficientnet'], texts: ['minilm'] },
  ...change
})

describe('which representation suits the data', () => {
  test('photographs and texts want features, of an extractor that is there', () => {
    expect(adviseOnRepresentation(facts({}))?.change).toEqual({ features: 'efficientnet', model: 'logistic' })
    expect(adviseOnRepresentation(facts({ shape: [1], hasTexts: true }))?.change).toEqual({
      features: 'minilm',
      model: 'logistic'
    })
  })

  test('without an extractor it says to fetch one, and changes nothing', () => {
    const advice = adviseOnRepresentation(facts({ extractors: { pictures: [], texts: [] } }))
    expect(advice?.text).toContain('Fetch an extractor of pictures')
    expect(advice?.change).toBeUndefined()
  })

  test('what is the best known needs no advice', () => {
    for (const change of [
      { features: 'efficientnet' },
      { task: 'poisoning' },
      { shape: [92] },
      { shape: [28, 28, 1] },
      // Judged by the same classifiers, whichever model is chosen.
      { shape: [28, 28, 1], model: 'logistic' }
    ]) {
      expect(adviseOnRepresentation(facts(change))).toBeUndefined()
    }
    expect(adviseOnRepresentation(facts({ shape: [24, 24, 3], model: 'logistic' }))?.change).toEqual({
      model: 'mlp'
    })
  })
})
