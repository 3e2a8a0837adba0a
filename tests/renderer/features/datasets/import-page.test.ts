// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import type { DOMWrapper, VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import type { Pinia } from 'pinia'
import PrimeVue from 'primevue/config'
import Select from 'primevue/select'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { useImportDraft, useJobs } from '@renderer/client'
import ImportPage from '@renderer/features/datasets/import-page.vue'
import { standInJobs } from '@support/stand-in-jobs'

const server = vi.hoisted(() => ({
  imports: [] as { source: string; name?: string }[],
  /** What is found of the source beside what stands below. */
  found: {} as object
}))

vi.mock('@renderer/client/connection', async () => {
  const { standInJobs } = await import('@support/stand-in-jobs')
  return {
    client: {
      datasets: {
        inspect: async () => ({
          format: 'npz',
          reason: 'a NumPy archive',
          count: 10,
          countIsEstimate: false,
          shape: [8, 8, 1],
          dtype: 'uint8',
          classNames: ['a', 'b'],
          splits: [],
          columns: [],
          labelColumnCandidates: [],
          hasTruth: false,
          poisoned: false,
          sampleImages: [],
          missing: [],
          warnings: [],
          bytes: 640,
          ...server.found
        })
      },
      jobs: {
        ...standInJobs.client,
        import: async (order: { source: string; name?: string }) => {
          server.imports.push(order)
          const progress = { phase: 'reading images', done: 5, total: 10, secondsLeft: 3 }
          return standInJobs.put({ id: `import-${server.imports.length}`, title: 'digits', progress })
        }
      }
    }
  }
})

const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: '/:rest(.*)*', component: { template: '<p />' } }]
})
let pinia: Pinia

beforeEach(async () => {
  server.imports = []
  server.found = {}
  standInJobs.reset()
  sessionStorage.clear()
  setActivePinia((pinia = createPinia()))
  await router.push('/datasets/import')
})

async function open(): Promise<VueWrapper> {
  const page = mount(ImportPage, { global: { plugins: [pinia, router, PrimeVue] } })
  await flushPromises()
  return page
}

/** A source that was looked at, and the choice of what it becomes. */
async function lookedAt(source: string): Promise<{ page: VueWrapper; becomes: VueWrapper }> {
  const page = await open()
  await useImportDraft().look({ source })
  await flushPromises()
  const becomes = page.findAllComponents(Select).find((one) => one.props('ariaLabel') === 'Becomes')!
  return { page, becomes }
}

function button(page: VueWrapper, text: string): DOMWrapper<Element> {
  return page.findAll('button').find((one) => one.text() === text)!
}

/** A page with the import of digits under way. */
async function importing(): Promise<VueWrapper> {
  const page = await open()
  await useImportDraft().look({ source: '/data/digits.npz' })
  await flushPromises()
  expect(page.text()).toContain('Nothing is written yet')
  await page.find('#dataset-name').setValue('digits')
  await page.find('form.last').trigger('submit')
  await flushPromises()
  return page
}

describe('the import page', () => {
  test('shows the import in hand, and leads to its dataset when it is done', async () => {
    const page = await importing()
    expect(server.imports).toMatchObject([{ source: '/data/digits.npz', name: 'digits' }])
    expect(page.text()).toContain('Importing digits')
    expect(page.text()).toContain('50 % · about 5 s left')
    expect(page.text()).toContain('the import goes on')
    expect(page.text()).not.toContain('Nothing is written yet')
    const result = { type: 'dataset', dataset: 'digits-1f', name: 'digits', examples: 10 } as const
    standInJobs.put({ id: 'import-1', state: 'done', progress: null, result })
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/datasets/digits-1f')
    expect(standInJobs.dismissed).toEqual(['import-1'])
    expect(useImportDraft().choice).toBeUndefined()
  })

  test('texts are shown as texts, and what hinders an import is said', async () => {
    const column = { reason: '', rows: 2, empty: 0, distinct: 2, isMore: false, examples: [], features: 1 }
    server.found = {
      format: 'table',
      shape: [1],
      classNames: [],
      columns: ['question', 'intent'],
      labelColumnCandidates: ['intent'],
      tableColumns: [{ ...column, name: 'question', role: 'text' }],
      sampleRows: [{ label: null, cells: ['Where is my card?'] }],
      sampleImages: [{ png: 'data:', label: null, split: null }],
      missing: ['labelColumn']
    }
    const page = await open()
    await useImportDraft().look({ source: '/data/questions.csv' })
    await flushPromises()
    expect(page.find('[aria-label="Samples"]').text()).toContain('Where is my card?')
    expect(page.find('[aria-label="Samples"] img').exists()).toBe(false)
    expect(page.find('[aria-label="What was found"]').text()).toContain('a text')
    expect(page.text()).toContain('Choose the label column first')
    expect(page.text()).not.toContain('0:')
  })

  test('what was exported from a dataset here becomes a version of it, unless that is not wanted', async () => {
    server.found = { exportOf: [{ dataset: 'pets-1f', name: 'pets' }] }
    const { page, becomes } = await lookedAt('/data/cleaned')
    expect(page.find('[aria-label="What was found"]').text()).toContain('A version of pets')
    expect(page.find('#dataset-name').attributes('placeholder')).toBe('the next version')
    expect(useImportDraft().choice).toEqual({ source: '/data/cleaned', versionOf: 'pets-1f' })
    becomes.vm.$emit('update:modelValue', 'own dataset')
    await flushPromises()
    expect(page.find('[aria-label="What was found"]').text()).toContain('A dataset of its own')
    await page.find('form.last').trigger('submit')
    await flushPromises()
    expect(server.imports[0]!).not.toHaveProperty('versionOf', 'pets-1f')
  })

  test('what was made from a dataset here in another program becomes a version of it only where that is said', async () => {
    server.found = { likeOf: [{ dataset: 'pets-1f', name: 'pets' }] }
    const { page, becomes } = await lookedAt('/data/edited.csv')
    const found = (): string => page.find('[aria-label="What was found"]').text()
    expect(useImportDraft().choice!.versionOf).toBeUndefined()
    expect(found()).toContain('A dataset of its own')
    expect(found()).toContain('in another program')
    becomes.vm.$emit('update:modelValue', 'pets-1f')
    await flushPromises()
    expect(found()).toContain('found again by what they hold')
    await page.find('form.last').trigger('submit')
    await flushPromises()
    expect(server.imports[0]!).toMatchObject({ versionOf: 'pets-1f' })
  })

  test('left and found again, also after a reload, it shows the same import', async () => {
    const page = await importing()
    page.unmount()
    await flushPromises()
    expect(standInJobs.cancelled).toEqual([])
    setActivePinia((pinia = createPinia()))
    const back = await open()
    expect(back.text()).toContain('Importing digits')
    await button(back, 'Cancel').trigger('click')
    await flushPromises()
    expect(standInJobs.cancelled).toEqual(['import-1'])
    // Back to what was chosen: nothing has to be typed again.
    expect((back.find('#dataset-name').element as HTMLInputElement).value).toBe('digits')
  })

  test('a failure is told beside the choices, and the next press is another import', async () => {
    const page = await importing()
    const failure = {
      code: 'already-exists',
      sentence: 'There is one.',
      remedy: 'Choose another name.'
    } as const
    standInJobs.put({ id: 'import-1', state: 'failed', progress: null, failure })
    await flushPromises()
    expect(page.text()).toContain('There is one.')
    expect(useJobs().notices).toEqual([])
    await page.find('#dataset-name').setValue('other')
    await page.find('form.last').trigger('submit')
    await flushPromises()
    const [first, second] = server.imports as { request?: string; name?: string }[]
    expect(second).toMatchObject({ name: 'other' })
    expect(second!.request).not.toBe(first!.request)
    expect(page.text()).not.toContain('There is one.')
  })

  test('another can be imported meanwhile; the first one stays in sight', async () => {
    const page = await importing()
    await button(page, 'Import another meanwhile').trigger('click')
    await flushPromises()
    expect(page.find('[aria-label="Drop a dataset here"]').exists()).toBe(true)
    expect(page.find('[aria-label="Other imports"]').text()).toContain('Importing digits')
    expect(standInJobs.cancelled).toEqual([])
  })
})
