import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import type { EffectScope, Ref } from 'vue'
import { follow, useFirstChoice } from '@renderer/features/new-run/first-choice'
import type { FirstChoice } from '@renderer/features/new-run/first-choice'
import { useRunDraft } from '@renderer/features/new-run/run-draft'
import type { RunDraft } from '@renderer/features/new-run/run-draft'
import type { RepresentationAdvice } from '@shared/domain/representation-advice'

vi.mock('@renderer/client', () => ({ failureOf: (error: unknown) => error, client: {} }))

const FEATURES = {
  about: 'photographs',
  text: 'Features find more.',
  change: { features: 'lite0', model: 'logistic' }
} as const

let scope: EffectScope
let draft: RunDraft
let advice: Ref<RepresentationAdvice | null | undefined>
let choice: FirstChoice
const chosen = vi.fn()

beforeEach(() => {
  chosen.mockClear()
  scope = effectScope()
  scope.run(() => {
    draft = useRunDraft()
    advice = ref()
    choice = useFirstChoice(draft, advice, chosen)
  })
})
afterEach(() => scope.stop())

async function advised(now: RepresentationAdvice | null): Promise<void> {
  advice.value = now
  await nextTick()
  await nextTick()
}

describe('what a new run begins with', () => {
  test('photographs: features and the quick preset, said, and taken back by one button', async () => {
    choice.begin()
    await advised(FEATURES)
    expect(draft.preset.value).toBe('Quick look')
    expect(draft.settings.value).toEqual({ model: 'logistic', epochs: 15, features: 'lite0' })
    expect(choice.taken.value?.text).toContain('The run learns from features of lite0')
    expect(chosen).toHaveBeenCalledOnce()
    choice.takeBack()
    await nextTick()
    expect(draft.settings.value).not.toHaveProperty('features')
    expect(choice.taken.value).toBeUndefined()
    // Chosen once only: advice that comes again is advice.
    await advised(null)
    await advised(FEATURES)
    expect(draft.settings.value).not.toHaveProperty('features')
  })

  test('photographs without an extractor: the quickest look, not minutes on pixels', async () => {
    choice.begin()
    await advised({ about: 'photographs', text: 'Fetch one.', change: undefined })
    expect(draft.preset.value).toBe('Quick look')
    expect(choice.taken.value).toBeUndefined()
  })

  test('other data, and runs whose settings were asked for, stay as they are', async () => {
    await advised(FEATURES)
    expect(draft.settings.value).toEqual({ model: 'mlp' })
    await advised(null)
    choice.begin()
    await advised({ about: 'texts', text: '', change: { features: 'minilm', model: 'logistic' } })
    expect(draft.settings.value).toEqual({ model: 'mlp' })
    expect(draft.preset.value).toBe('Balanced')
  })
})

test('advice that is taken keeps what was set by hand', () => {
  draft.setField('seed', 7)
  follow(draft, FEATURES.change)
  expect(draft.settings.value).toEqual({ model: 'logistic', features: 'lite0', seed: 7 })
})
