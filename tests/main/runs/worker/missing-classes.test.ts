import { expect, test } from 'vitest'
import { trustedWarnings, validationWarnings } from '@main/runs/worker/missing-classes'
import { denoisingSpec } from '@shared/domain/denoising-spec'
import { heldRows } from '@support/held-rows'

const spec = denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: 'b' })

/** One example of each class that is named by its place. */
function examples(names: string[], ...labels: number[]): ReturnType<typeof heldRows> {
  return heldRows(new Float32Array(labels.length), Int32Array.from(labels), names)
}

test('classes that occur and have no trusted example are named, the first ones of many', () => {
  const names = Array.from({ length: 9 }, (_, k) => `class ${k}`)
  const train = examples(names, 0, 1, 2, 3, 4, 5, 6, 7)
  const warned = (...labels: number[]): string[] =>
    trustedWarnings({ train, trusted: examples(names, ...labels) }, spec)
  // The last class has no example at all.
  expect(warned(0, 1, 2, 3, 4, 5, 6, 7)).toEqual([])
  expect(warned(0, 1, 2, 3, 4, 5, 6)[0]).toMatch(
    /^1 of 9 classes has no trusted example: "class 7"\. Their labels/
  )
  expect(warned(0, 1)[0]).toMatch(/^6 of 9 classes have .*: "class 2", .*, "class 6" and 1 more\./)
  expect(trustedWarnings({ train, trusted: undefined }, spec)).toEqual([])
})

test('of long names fewer are told, one at least', () => {
  const names = ['a', 'b', 'c'].map((letter) => letter.repeat(150))
  const train = examples(names, 0, 1, 2)
  const [warned] = validationWarnings({ train, validation: examples(names, 0) }, 'So it is.')
  expect(warned).toBe(
    `2 of 3 classes have no example in --validation: "${'b'.repeat(150)}" and 1 more. So it is.`
  )
})

test('what a review gave or confirmed is trusted too', () => {
  const names = ['a', 'b', 'c']
  const train = examples(names, 0, 1, 2)
  const decided = { ...spec, corrections: { 2: 2 } }
  expect(trustedWarnings({ train, trusted: examples(names, 0, 1) }, decided)).toEqual([])
})
