// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import PrimeVue from 'primevue/config'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import ExportPage from '@renderer/features/export/export-page.vue'
import { folderName, freeName, joinPath } from '@renderer/features/export/export-target'

const server = vi.hoisted(() => ({
  orders: [] as unknown[],
  aborted: false,
  /** Lets the export go on to its end. */
  finish: (): void => undefined
}))

vi.mock('@renderer/client', () => ({
  failureOf: (error: unknown) => error,
  bridge: () => undefined,
  client: {
    system: {
      info: async () => ({ exportFolder: '/exports' }),
      folder: async () => ({ path: '/exports', parent: null, entries: [{ name: 'my-run-cleaned' }] })
    },
    datasets: { get: async () => ({ meta: { name: 'bad', count: 40, poisoned: true } }) },
    runs: { get: async () => ({ record: { id: 'r', name: 'My run' } }) },
    exports: {
      formats: async () => [
        { format: 'npz', text: 'NumPy archive', proposed: true },
        { format: 'images', text: 'Image folder', proposed: false }
      ],
      preview: async ({ undecided }: { undecided: string }) =>
        undecided === 'drop'
          ? { kept: 90, dropped: 10, relabelled: 2, undecided: 8, poisons: 0 }
          : { kept: 98, dropped: 2, relabelled: 2, undecided: 8, poisons: 3 },
      write: async function (order: unknown, { signal }: { signal: AbortSignal }) {
        server.orders.push(order)
        signal.addEventListener('abort', () => (server.aborted = true))
        return (async function* () {
          yield { type: 'progress', phase: 'writing npz', done: 50, total: 100, secondsLeft: 12 }
          await new Promise<void>((resolve, reject) => {
            server.finish = resolve
            signal.addEventListener('abort', () => reject(new Error('aborted')))
          })
          yield {
            type: 'done',
            out: '/exports/my-run-cleaned-2',
            manifest: {
              examples: 92,
              kept: 90,
              dropped: 10,
              relabelled: 2,
              files: [{ path: 'data.npz', sha256: 'ab'.repeat(32), bytes: 2048 }]
            },
            check: { examples: 92, largestDifference: 0 },
            download: '/download/1'
          }
        })()
      }
    }
  }
}))

const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: '/:rest(.*)*', component: { template: '<p />' } }]
})

async function open(): Promise<ReturnType<typeof mount>> {
  const page = mount(ExportPage, { props: { run: 'r' }, global: { plugins: [router, PrimeVue] } })
  await flushPromises()
  return page
}

beforeEach(() => Object.assign(server, { orders: [], aborted: false }))

describe('the export page', () => {
  test('proposes the source format and a free folder, and counts what would be written', async () => {
    const page = await open()
    expect((page.find('#export-out').element as HTMLInputElement).value).toBe('/exports/my-run-cleaned-2')
    expect(page.text()).toContain('Dropped10')
    await page.find('#policy-keep').setValue(true)
    await flushPromises()
    expect(page.text()).toContain('Dropped2')
  })

  test('warns of poisons that would be written, and only then', async () => {
    const page = await open()
    expect(page.text()).not.toContain('POISONED')
    await page.find('#policy-keep').setValue(true)
    await flushPromises()
    expect(page.text()).toContain('POISONED')
    expect(page.text()).toContain('still hold 3 poisons')
  })

  test('shows progress with the time left, then where it is and how it was checked', async () => {
    const page = await open()
    await page.find('form').trigger('submit')
    await flushPromises()
    expect(server.orders).toEqual([
      {
        run: 'r',
        dataset: null,
        format: 'npz',
        out: '/exports/my-run-cleaned-2',
        undecided: 'drop',
        withoutPoisons: false
      }
    ])
    expect(page.text()).toContain('writing npz')
    expect(page.text()).toContain('50 % · 12 s left')
    server.finish()
    await flushPromises()
    expect(page.text()).toContain('Written and checked')
    expect(page.text()).toContain('92 examples, labels and order as meant, every value is the same')
    expect(page.find('a[download]').attributes('href')).toBe('/download/1')
  })

  test('can be cancelled, and is when the page is left', async () => {
    const page = await open()
    await page.find('form').trigger('submit')
    await flushPromises()
    await page
      .findAll('button')
      .find((one) => one.text() === 'Cancel')!
      .trigger('click')
    await flushPromises()
    expect(server.aborted).toBe(true)
    expect(page.find('[role="alert"]').exists()).toBe(false)
    expect(page.text()).toContain('Write and check')
    server.aborted = false
    await page.find('form').trigger('submit')
    await flushPromises()
    page.unmount()
    expect(server.aborted).toBe(true)
  })
})

describe('the export page of a poisoned dataset', () => {
  test('offers to undo the attack', async () => {
    const page = mount(ExportPage, { props: { dataset: 'd' }, global: { plugins: [router, PrimeVue] } })
    await flushPromises()
    expect(page.text()).toContain('as poisoned as the dataset is')
    await page.find('#without-poisons').setValue(true)
    expect(page.text()).toContain('40 examples less the poisons')
    await page.find('form').trigger('submit')
    await flushPromises()
    expect(server.orders).toMatchObject([{ run: null, dataset: 'd', withoutPoisons: true }])
    page.unmount()
  })
})

describe('names of folders', () => {
  test('are plain and free', () => {
    expect(folderName('Café: 25 % wrong / A')).toBe('cafe-25-wrong-a')
    expect(folderName('***')).toBe('dataset')
    expect(freeName('a', new Set(['a', 'a-2']))).toBe('a-3')
    expect(joinPath('C:\\data', 'a')).toBe('C:\\data\\a')
    expect(joinPath('/data/', 'a')).toBe('/data/a')
  })
})
