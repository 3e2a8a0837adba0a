import { describe, expect, test } from 'vitest'
import { extractorOf, featuresProposal, kindOfFeatures } from '@shared/domain/features-choice'

describe('what features names', () => {
  test.each([
    ['pixels', 'pixels'],
    ['features.npz', 'arrays'],
    ['/data/FEATURES.NPY', 'arrays'],
    ['dinov2-small', 'extractor'],
    ['/models/pixels', 'extractor']
  ])('%s: %s', (named, kind) => {
    expect(kindOfFeatures(named)).toBe(kind)
  })

  test('a spec without features names no extractor', () => {
    expect(extractorOf({ task: 'denoising' })).toBeUndefined()
    expect(extractorOf({ features: 'pixels' })).toBeUndefined()
    expect(extractorOf({ features: 'dinov2-small' })).toBe('dinov2-small')
  })
})

test('features are proposed for photographs alone, and not twice', () => {
  const denoising = { task: 'denoising' }
  expect(featuresProposal(denoising, [224, 224, 3])).toMatch(/--features/)
  expect(featuresProposal(denoising, [32, 32, 3])).toBeUndefined()
  expect(featuresProposal(denoising, [384])).toBeUndefined()
  expect(featuresProposal({ ...denoising, features: 'dinov2-small' }, [224, 224, 3])).toBeUndefined()
})
