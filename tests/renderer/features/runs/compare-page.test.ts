// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import PrimeVue from 'primevue/config'
import { expect, test, vi } from 'vitest'
import { shallowRef } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import ComparePage from '@renderer/features/runs/compare-page.vue'

const SPECS: Readonly<Record<string, object>> = {
  a: { task: 'denoising', method: 'penalty', epochs: 3, seed: 1 },
  b: { task: 'denoising', method: 'penalty', epochs: 3 },
  tuned: { task: 'hyperparameters', method: 'penalty', granularity: 'layer' }
}
const GONE = 'There is no run "gone".'

vi.mock('@renderer/charts/line-chart.vue', () => ({ default: { template: '<p />' } }))
vi.mock('@renderer/client', () => ({
  failureOf: (error: unknown) => error,
  useRunRecords: () => shallowRef([]),
  client: {
    runs: {
      get: ({ run }: { run: string }) =>
        SPECS[run]
          ? Promise.resolve({
              record: { id: run, name: run, state: 'done', spec: SPECS[run] },
              report: null,
              files: []
            })
          : Promise.reject(Object.assign(new Error(GONE), { sentence: GONE })),
      events: () => Promise.resolve((async function* () {})())
    }
  }
}))

/** What the page tells of runs: its heads, and its lines by their names. */
async function compared(ids: string): Promise<{ heads: string[]; lines: Map<string, string[]> }> {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:rest(.*)*', component: ComparePage }]
  })
  await router.push(`/runs/compare?ids=${ids}`)
  const page = mount(ComparePage, { global: { plugins: [router, PrimeVue] } })
  await flushPromises()
  const heads = page.findAll('thead th').map((head) => head.text())
  const lines = page
    .findAll('tbody tr')
    .map((line) => [line.find('th').text(), line.findAll('td').map((cell) => cell.text())] as const)
  page.unmount()
  return { heads, lines: new Map(lines) }
}

test('of runs of one task a setting that is not given is the default', async () => {
  const { lines } = await compared('a,b')
  expect(lines.get('seed')).toEqual(['1', 'default'])
  expect(lines.has('epochs')).toBe(false)
})

test('a setting that a task has not is no default of it', async () => {
  const { lines } = await compared('a,tuned')
  expect(lines.get('granularity')).toEqual(['–', 'layer'])
  expect(lines.get('task')).toEqual(['Finding wrong labels', 'Tuning regularisation'])
})

test('a run that is gone says so and makes nothing differ', async () => {
  const { heads, lines } = await compared('a,gone')
  expect(heads[1]).toContain(GONE)
  expect(lines.get('time')?.[1]).toBe('–')
  expect(lines.has('epochs')).toBe(false)
})
