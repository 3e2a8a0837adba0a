// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import PrimeVue from 'primevue/config'
import { expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import ExtractorsSection from '@renderer/features/system/extractors-section.vue'

const lists = vi.hoisted(() => ({
  known: [
    { name: 'lite0', inputs: ['pictures'], bytes: 1, folder: '/lite0', hash: 'ab', problem: undefined }
  ],
  available: []
}))

vi.mock('@renderer/client/connection', async () => {
  const { standInJobs } = await import('@support/stand-in-jobs')
  return {
    client: {
      extractors: {
        list: async () => ({ known: [], available: [] }),
        add: async ({ folder }: { folder: string }) => {
          if (folder !== '/lite0') throw new Error('There is no model.')
          return lists
        }
      },
      jobs: standInJobs.client
    }
  }
})

test('whoever was sent here for an extractor is led back to their run once it is here', async () => {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:rest(.*)*', component: { template: '<p />' } }]
  })
  const section = mount(ExtractorsSection, {
    global: { plugins: [router, createPinia(), [PrimeVue, { unstyled: true }]] }
  })
  await flushPromises()
  const add = async (folder: string): Promise<void> => {
    await section.find('input').setValue(folder)
    await section.find('form').trigger('submit')
    await flushPromises()
  }
  await add('/nothing')
  expect(section.find('a[href="/new-run"]').exists()).toBe(false)
  await add('/lite0')
  expect(section.find('a[href="/new-run"]').text()).toBe('Go on with the new run')
})
