// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import PrimeVue from 'primevue/config'
import { expect, test, vi } from 'vitest'
import { shallowRef } from 'vue'
import TwoRuns from '@renderer/features/datasets/two-runs.vue'

const RUNS = ['first', 'second'].map((name) => ({ id: name, name, createdAt: '2026-01-01T00:00:00Z' }))
/** The second looked at the first three of six examples, the first at the first two. */
const FOUND: Readonly<Record<string, object>> = {
  first: { scores: [0.1, 0.9, null, null, null, null], flagged: [0], decided: [{ row: 1, action: 'keep' }] },
  second: { scores: [0.2, 0.1, 0.9, null, null, null], flagged: [0, 1], decided: [] }
}

vi.mock('@renderer/client', () => ({
  failureOf: (error: unknown) => error,
  useFoundRuns: () => shallowRef(RUNS),
  client: { surveys: { run: ({ run }: { run: string }) => Promise.resolve(FOUND[run]) } }
}))

test('tells what two runs flag, and that neither looked at some examples', async () => {
  const panel = mount(TwoRuns, {
    props: { dataset: 'set', examples: 6 },
    global: { plugins: [PrimeVue] }
  })
  const details = panel.find('details')
  details.element.open = true
  await details.trigger('toggle')
  await flushPromises()
  const sides = panel.findAll('li').map((side) => side.text())
  expect(sides).toEqual(['Both1', 'Only first0', 'Only second1', 'Neither4'])
  expect(panel.text()).toContain('Neither run looked at 3 of the 6 examples.')
  panel.unmount()
})
