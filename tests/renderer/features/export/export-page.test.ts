// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import type { DOMWrapper, VueWrapper } from '@vue/test-utils'
import { createPinia } from 'pinia'
import type { Pinia } from 'pinia'
import PrimeVue from 'primevue/config'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import ExportPage from '@renderer/features/export/export-page.vue'
import { useJobs } from '@renderer/client'
import { folderName, freeName, joinPath } from '@renderer/features/export/export-target'
import type { Job } from '@shared/domain/job'
import { standInJobs } from '@support/stand-in-jobs'

const server = vi.hoisted(() => ({ orders: [] as unknown[] }))
const NOTHING = vi.hoisted(() => ({ source: null, dataset: null, run: null, out: null }))

vi.mock('@renderer/client/connection', async () => {
  const { standInJobs } = await import('@support/stand-in-jobs')
  return {
    client: {
      system: {
        info: async () => ({ exportFolder: '/exports' }),
        folder: async () => ({ path: '/exports', parent: null, entries: [{ name: 'my-run-cleaned' }] })
      },
      datasets: { get: async () => ({ meta: { name: 'bad', count: 40, poisoned: true } }) },
      runs: { get: async () => ({ record: { id: 'r', name: 'My run' } }) },
      reviews: {
        find: async ({ where }: { where: string }) => (where === 'class = cat' ? [1, 5] : [])
      },
      annotations: {
        place: async () => ({ dataset: 'd', row: 0 }),
        watch: async function* ({ dataset }: { dataset: string }) {
          yield { tags: [], notes: [], questions: [{ name: `cats of ${dataset}`, where: 'class = cat' }] }
          await new Promise(() => undefined)
        }
      },
      exports: {
        formats: async () => [
          { format: 'npz', text: 'NumPy archive', proposed: true },
          { format: 'images', text: 'Image folder', proposed: false }
        ],
        preview: async ({ undecided }: { undecided: string }) =>
          undecided === 'drop'
            ? { kept: 90, dropped: 10, relabelled: 2, corrected: 0, undecided: 8, poisons: 0 }
            : { kept: 98, dropped: 2, relabelled: 2, corrected: 1, undecided: 8, poisons: 3 }
      },
      jobs: {
        ...standInJobs.client,
        import: async (order: { source: string; versionOf: string }) => {
          server.orders.push({ source: order.source, versionOf: order.versionOf })
          return standInJobs.put({ id: 'job-9', subject: { ...NOTHING, source: order.source } })
        },
        export: async (order: { run: string | null; dataset: string | null; out: string }) => {
          server.orders.push(order)
          const { run, dataset, out } = order
          return standInJobs.put({
            id: `job-${server.orders.length}`,
            kind: 'export',
            title: 'My run',
            subject: { source: null, run, dataset, out },
            progress: { phase: 'writing npz', done: 50, total: 100, secondsLeft: 12 }
          })
        }
      }
    }
  }
})

const RESULT: Job['result'] = {
  type: 'export',
  out: '/exports/my-run-cleaned-2',
  format: 'npz',
  examples: 92,
  kept: 90,
  relabelled: 2,
  corrected: 0,
  dropped: 10,
  of: { dataset: 'd', name: 'photos' },
  check: { examples: 92, largestDifference: 0 },
  files: [{ path: 'data.npz', sha256: 'ab'.repeat(32), bytes: 2048 }],
  fileCount: 1,
  bytes: 2048,
  download: '/download/1'
}

const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: '/:rest(.*)*', component: { template: '<p />' } }]
})

async function open(props: { run?: string; dataset?: string } = { run: 'r' }): Promise<VueWrapper> {
  const page = mount(ExportPage, { props, global: { plugins: [router, PrimeVue, pinia] } })
  await flushPromises()
  return page
}

let pinia: Pinia
beforeEach(() => {
  server.orders = []
  standInJobs.reset()
  sessionStorage.clear()
  pinia = createPinia()
})

const buttonOf = (page: VueWrapper, text: string): DOMWrapper<Element> | undefined =>
  page.findAll('button').find((one) => one.text() === text)

describe('the export page', () => {
  test('proposes the source format and a free folder, and counts what would be written', async () => {
    const page = await open()
    expect((page.find('#export-out').element as HTMLInputElement).value).toBe('/exports/my-run-cleaned-2')
    expect(page.text()).toContain('Dropped10')
    await page.find('#policy-keep').setValue(true)
    await flushPromises()
    expect(page.text()).toContain('Dropped2')
  })

  test('a run offers the kept questions of its dataset, and a dataset its own', async () => {
    expect((await open()).find('[aria-label="Kept questions"]').text()).toContain('cats of d')
    expect((await open({ dataset: 'pets' })).text()).toContain('cats of pets')
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
        withoutPoisons: false,
        where: null
      }
    ])
    expect(page.text()).toContain('writing npz')
    expect(page.text()).toContain('50 % · about 15 s left')
    standInJobs.put({ id: 'job-1', state: 'done', progress: null, result: RESULT })
    await flushPromises()
    expect(page.text()).toContain('Written and checked')
    expect(page.text()).toContain('92 examples, labels and order as meant, every value is the same')
    expect(page.find('a[download]').attributes('href')).toBe('/download/1')
  })

  test('what was written becomes a version of its dataset, also when the page is come back to', async () => {
    standInJobs.put({
      id: 'job-1',
      kind: 'export',
      subject: { ...NOTHING, run: 'r' },
      state: 'done',
      result: RESULT
    })
    let page = await open()
    await buttonOf(page, 'Import as a version of photos')!.trigger('click')
    await flushPromises()
    expect(server.orders).toEqual([{ source: '/exports/my-run-cleaned-2', versionOf: 'd' }])
    page.unmount()
    standInJobs.put({
      id: 'job-9',
      state: 'done',
      result: { type: 'dataset', dataset: 'd2', name: 'photos v2', examples: 92 }
    })
    page = await open()
    expect(page.text()).toContain('92 examples are photos v2, a version of photos.')
    expect(page.find('a[href="/datasets/d2/versions"]').exists()).toBe(true)
    expect(buttonOf(page, 'Import as a version of photos')).toBeUndefined()
  })

  test('only those that a question asks for, and none where it asks for nothing', async () => {
    const page = await open()
    const field = page.find('input[aria-label="Only examples that are asked for"]')
    await field.setValue('class = nothing')
    await field.trigger('change')
    await flushPromises()
    expect(page.text()).toContain('No example answers to it')
    expect(buttonOf(page, 'Write and check')!.attributes('disabled')).toBeDefined()
    await field.setValue('class = cat')
    await field.trigger('keydown', { key: 'Enter' })
    await flushPromises()
    expect(server.orders).toEqual([])
    await page.find('form').trigger('submit')
    await flushPromises()
    expect(server.orders).toMatchObject([{ where: 'class = cat' }])
  })

  test('is cancelled by its button, and goes on when the page is left', async () => {
    const page = await open()
    await page.find('form').trigger('submit')
    await flushPromises()
    await buttonOf(page, 'Cancel')!.trigger('click')
    await flushPromises()
    expect(standInJobs.cancelled).toEqual(['job-1'])
    expect(page.find('[role="alert"]').exists()).toBe(false)
    expect(page.text()).toContain('Write and check')
    await page.find('form').trigger('submit')
    await flushPromises()
    page.unmount()
    await flushPromises()
    expect(standInJobs.cancelled).toEqual(['job-1'])
    const back = await open()
    expect(back.text()).toContain('writing npz')
    standInJobs.put({ id: 'job-2', state: 'done', progress: null, result: RESULT })
    await flushPromises()
    expect(back.text()).toContain('Written and checked')
    expect(useJobs(pinia).notices).toEqual([])
    await buttonOf(back, 'Export again')!.trigger('click')
    await flushPromises()
    expect(standInJobs.dismissed).toEqual(['job-2'])
    expect(buttonOf(back, 'Write and check')).toBeDefined()
  })

  test('a failure is shown on returning, beside the choices as they were made', async () => {
    const page = await open()
    await page.find('#policy-keep').setValue(true)
    await page.find('#format-images').setValue(true)
    await page.find('#export-out').setValue('/exports/mine')
    await page.find('form').trigger('submit')
    await flushPromises()
    page.unmount()
    const failure = {
      code: 'bad-input',
      sentence: 'The folder is not empty.',
      remedy: 'Name another.'
    } as const
    standInJobs.put({ id: 'job-1', state: 'failed', progress: null, failure })
    await flushPromises()
    expect(useJobs(pinia).notices.map(({ id }) => id)).toEqual(['job-1'])
    const back = await open()
    expect(back.text()).toContain('The folder is not empty.')
    expect((back.find('#policy-keep').element as HTMLInputElement).checked).toBe(true)
    expect((back.find('#format-images').element as HTMLInputElement).checked).toBe(true)
    expect((back.find('#export-out').element as HTMLInputElement).value).toBe('/exports/mine')
    expect(useJobs(pinia).notices).toEqual([])
  })
})

describe('the export page of a poisoned dataset', () => {
  test('offers to undo the attack', async () => {
    const page = await open({ dataset: 'd' })
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
