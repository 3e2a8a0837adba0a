// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { effectScope, nextTick } from 'vue'
import { useKeptDraft } from '@renderer/features/new-run/kept-draft'
import { useRunDraft } from '@renderer/features/new-run/run-draft'

vi.mock('@renderer/client/connection', () => ({ client: {} }))

beforeEach(() => {
  sessionStorage.clear()
  history.replaceState(null, '')
})

/** One visit of the page: a draft is suggested, then perhaps changed. */
async function visit(change?: (draft: ReturnType<typeof useRunDraft>) => void): Promise<void> {
  const scope = effectScope()
  await scope.run(async () => {
    const draft = useRunDraft()
    const keptDraft = useKeptDraft(draft)
    draft.data.value = { train: 'photos#train' }
    keptDraft.begin(true)
    // What suits the data is chosen a moment later: that is no change of a person's.
    draft.preset.value = 'Quick look'
    await nextTick()
    keptDraft.begin(true)
    change?.(draft)
    await nextTick()
  })
  scope.stop()
}

/** Whether the side bar's link, a new entry of the history, finds the draft again. */
function isRecalled(): boolean {
  history.replaceState(null, '')
  const scope = effectScope()
  const restore = scope.run(() => useKeptDraft(useRunDraft()).recall(true))
  scope.stop()
  return restore !== undefined
}

test('a suggested draft that nobody changed gives way to the next suggestion; a changed one is kept', async () => {
  await visit()
  expect(isRecalled()).toBe(false)
  await visit((draft) => draft.setField('seed', 7))
  expect(isRecalled()).toBe(true)
})

test('going back to the page finds also what nobody changed', async () => {
  await visit()
  const { visit: entry } = JSON.parse(sessionStorage.getItem('kept new run')!) as { visit: string }
  history.replaceState({ visit: entry }, '')
  const scope = effectScope()
  const restore = scope.run(() => useKeptDraft(useRunDraft()).recall(true))
  scope.stop()
  expect(restore).toBeDefined()
})
