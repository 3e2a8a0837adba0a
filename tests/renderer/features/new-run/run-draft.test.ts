import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { effectScope, nextTick } from 'vue'
import type { Pin } from '@shared/domain/pin'
import type { EffectScope } from 'vue'
import { useRunDraft } from '@renderer/features/new-run/run-draft'
import type { RunDraft } from '@renderer/features/new-run/run-draft'
import type { Preflight } from '@shared/domain/estimate'
import { denoisingSpec, fewShotSpec, poisoningSpec, syntheticSpec } from '@shared/domain/task-spec'
import type { TaskSpec } from '@shared/domain/task-spec'

interface Check {
  readonly spec: TaskSpec
  readonly signal: AbortSignal
  answer(preflight: Preflight): void
  fail(error: unknown): void
}

const server = vi.hoisted(() => ({
  checks: [] as unknown[],
  created: [] as { spec: unknown; name?: string }[],
  refusal: undefined as unknown
}))
const checks = (): Check[] => server.checks as Check[]

vi.mock('@renderer/client', () => ({
  failureOf: (error: unknown) => error,
  client: {
    runs: {
      check: ({ spec }: { spec: unknown }, { signal }: { signal: AbortSignal }) =>
        new Promise((answer, fail) => server.checks.push({ spec, signal, answer, fail })),
      create: (order: { spec: unknown; name?: string }) => {
        if (server.refusal !== undefined) return Promise.reject(server.refusal as Error)
        server.created.push(order)
        return Promise.resolve({ id: `run-${server.created.length}` })
      },
      race: ({ spec, lanes }: { spec: object; lanes: { method: string; name: string }[] }) => {
        if (server.refusal !== undefined) return Promise.reject(server.refusal as Error)
        const runs = lanes.map(({ method, name }) => ({ spec: { ...spec, method }, name }))
        return Promise.resolve(runs.map((order) => ({ id: `run-${server.created.push(order)}` })))
      }
    }
  }
}))

const GOOD: Preflight = { problems: [], warnings: [], estimate: null, data: [] }

let scope: EffectScope
let draft: RunDraft

beforeEach(() => {
  vi.useFakeTimers()
  server.checks = []
  server.created = []
  server.refusal = undefined
  scope = effectScope()
  draft = scope.run(useRunDraft)!
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
})

async function give(data: Record<string, string>): Promise<void> {
  draft.data.value = data
  await nextTick()
}

/** Until timers and what follows from them are through. */
async function rest(milliseconds = 600): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
}

describe('a run being put together', () => {
  test('says what is missing, in the order of the form', async () => {
    expect(draft.spec.value).toBeUndefined()
    expect(draft.complaint.value).toBe('Choose the training data.')
    await give({ train: 'photos#train' })
    expect(draft.complaint.value).toBe('Choose the trusted examples.')
    await give({ train: 'photos#train', trusted: '  ' })
    expect(draft.complaint.value).toBe('Choose the trusted examples.')
    await give({ train: ' photos#train ', trusted: 'photos#trusted', test: '' })
    expect(draft.complaint.value).toBeUndefined()
    // The balanced preset of denoising; blanks are trimmed, an empty optional role is none.
    expect(draft.spec.value).toEqual(
      denoisingSpec.parse({
        task: 'denoising',
        train: 'photos#train',
        trusted: 'photos#trusted',
        model: 'mlp'
      })
    )
  })

  test('a first look has no trusted examples, whatever else is chosen', async () => {
    await give({ train: 'photos#train' })
    draft.setField('trusted', false)
    expect(draft.complaint.value).toBeUndefined()
    expect(draft.spec.value).toMatchObject({ trusted: false, model: 'mlp' })
    draft.preset.value = 'Quick look'
    await nextTick()
    expect(draft.spec.value).toMatchObject({ trusted: false, epochs: 15 })
    const spec = draft.spec.value!
    draft.setField('trusted', undefined)
    expect(draft.complaint.value).toBe('Choose the trusted examples.')
    draft.adopt(spec)
    expect(draft.spec.value).toEqual(spec)
  })

  test('a setting that is wrong is named; an empty one goes back to its default', async () => {
    await give({ train: 'a', trusted: 'b' })
    draft.setField('epochs', 0)
    expect(draft.spec.value).toBeUndefined()
    expect(draft.complaint.value).toMatch(/^Epochs: /)
    draft.setField('epochs', 7)
    expect(draft.spec.value).toMatchObject({ epochs: 7, model: 'mlp' })
    draft.setField('epochs', undefined)
    expect(draft.spec.value).not.toHaveProperty('epochs')
    expect(draft.settings.value).toEqual({ model: 'mlp' })
  })

  test('a preset replaces the settings; another task begins with its own', async () => {
    draft.setField('epochs', 7)
    draft.preset.value = 'Quick look'
    await nextTick()
    expect(draft.settings.value).toEqual({ model: 'logistic', epochs: 15 })
    await give({ train: 'a', trusted: 'b' })
    draft.task.value = 'synthetic'
    await nextTick()
    expect(draft.preset.value).toBe('Balanced')
    // Data of the other task stay chosen, but are no part of this one.
    expect(draft.spec.value).toEqual(syntheticSpec.parse({ task: 'synthetic' }))
  })

  test('features stay chosen with the data, whatever preset follows', async () => {
    await give({ train: 'a', trusted: 'b' })
    draft.setField('features', 'clip')
    draft.preset.value = 'Quick look'
    await nextTick()
    expect(draft.spec.value).toMatchObject({ features: 'clip', epochs: 15 })
  })

  test('is checked once it rests, and only its latest state counts', async () => {
    await give({ train: 'a', trusted: 'b' })
    expect(draft.checking.value).toBe(true)
    await rest(400)
    draft.setField('epochs', 5)
    await rest(400)
    expect(checks()).toHaveLength(0)
    await rest(200)
    expect(checks()).toHaveLength(1)
    expect(checks()[0]!.spec).toMatchObject({ epochs: 5 })

    draft.setField('epochs', 6)
    await nextTick()
    expect(checks()[0]!.signal.aborted).toBe(true)
    checks()[0]!.answer({ ...GOOD, warnings: ['of before'] })
    await rest()
    expect(draft.preflight.value).toBeUndefined()
    expect(draft.checking.value).toBe(true)
    checks()[1]!.answer(GOOD)
    await rest()
    expect(draft.preflight.value).toEqual(GOOD)
    expect(draft.checking.value).toBe(false)
  })

  test('a check that fails says so, until something is changed', async () => {
    await give({ train: 'a', trusted: 'b' })
    await rest()
    const failure = { code: 'internal', sentence: 'It broke.', remedy: '' }
    checks()[0]!.fail(failure)
    await rest()
    expect(draft.failure.value).toEqual(failure)
    expect(draft.checking.value).toBe(false)
    draft.setField('epochs', 5)
    await nextTick()
    expect(draft.failure.value).toBeUndefined()
  })

  test.each([
    denoisingSpec.parse({
      task: 'denoising',
      train: 'a#train',
      trusted: 'a#trusted@1f',
      model: 'cnn',
      seed: 3,
      hiddenSizes: [3, 4],
      corrections: { 5: 1 },
      dropped: [1],
      startFrom: '/results',
      momentsPerExample: false
    }),
    denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: 'b', test: 'c' }),
    poisoningSpec.parse({ task: 'poisoning', train: 'a', validation: 'b', defend: true, victims: ['mlp'] }),
    fewShotSpec.parse({ task: 'few-shot', train: 'a', test: 'b', ways: 4 }),
    syntheticSpec.parse({ task: 'synthetic', trials: 3 })
  ])('a cloned $task run is the same run', async (spec) => {
    await give({ train: 'something', trusted: 'else', validation: 'again', test: 'more' })
    draft.adopt(spec)
    await rest()
    expect(draft.spec.value).toEqual(spec)
    await draft.start()
    expect(server.created).toEqual([{ spec }])
  })

  test('starts one run, or one a method under its name', async () => {
    expect(await draft.start()).toEqual([])
    expect(server.created).toEqual([])
    await give({ train: 'a', trusted: 'b' })
    expect(await draft.start()).toEqual(['run-1'])
    expect(server.created[0]).toEqual({ spec: draft.spec.value })
    expect(await draft.start(['penalty', 'gd'])).toEqual(['run-2', 'run-3'])
    expect(server.created.slice(1)).toMatchObject([
      { spec: { method: 'penalty', train: 'a' }, name: 'Find wrong labels: penalty' },
      { spec: { method: 'gd', train: 'a' }, name: 'Find wrong labels: gd' }
    ])
  })

  test('what was settled of data, and decided on it, goes with the data', async () => {
    const pin = (source: string): Pin => ({
      source,
      dataset: `${source}-1f`,
      contentHash: '0'.repeat(64),
      corrections: null
    })
    draft.adopt(
      denoisingSpec.parse({
        task: 'denoising',
        train: 'a#train',
        trusted: 'b',
        corrections: { 5: 1 },
        dropped: [1],
        startFrom: '/results',
        pins: [pin('a'), pin('b')]
      })
    )
    await rest()
    draft.data.value = { ...draft.data.value, trusted: 'a#checked' }
    await nextTick()
    expect(draft.spec.value).toMatchObject({ corrections: { 5: 1 }, dropped: [1], pins: [pin('a')] })
    draft.data.value = { ...draft.data.value, train: 'c' }
    await nextTick()
    expect(draft.spec.value?.pins).toEqual([pin('a')])
    for (const field of ['corrections', 'dropped', 'startFrom'])
      expect(draft.spec.value).not.toHaveProperty(field)
  })

  test('a refused start is told, and forgotten at the next', async () => {
    await give({ train: 'a', trusted: 'b' })
    server.refusal = { code: 'bad-input', sentence: 'No such data.', remedy: 'Look again.' }
    expect(await draft.start()).toEqual([])
    expect(draft.failure.value).toEqual(server.refusal)
    server.refusal = undefined
    expect(await draft.start()).toEqual(['run-1'])
    expect(draft.failure.value).toBeUndefined()
  })
})
