import { expect, test } from 'vitest'
import { suitedBackend } from '@engine/tasks/denoising/suited-backend'
import { denoisingSpec } from '@shared/domain/task-spec'

const spec = denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: 'b', model: 'logistic' })

test.for([
  ['a small table', { count: 4000, shape: [108] }, {}, 'wasm'],
  ['a large table', { count: 5000, shape: [108] }, {}, undefined],
  ['small pictures', { count: 100, shape: [8, 8, 1] }, {}, 'wasm'],
  ['photographs', { count: 100, shape: [64, 64, 3] }, {}, undefined],
  ['as many passes as were asked for', { count: 4000, shape: [108] }, { epochs: 50 }, undefined],
  ['another model', { count: 4000, shape: [108] }, { model: 'mlp' }, undefined],
  ['features that are still to be computed', { count: 4000, shape: [1] }, { features: 'minilm' }, undefined],
  ['weights that start anywhere', { count: 4000, shape: [108] }, { crossValidation: 0 }, undefined]
] as const)('%s', ([, data, more, backend]) => {
  expect(suitedBackend(data, { ...spec, ...more })).toBe(backend)
})
