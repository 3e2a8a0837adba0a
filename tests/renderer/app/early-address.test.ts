// @vitest-environment happy-dom
import { flushPromises } from '@vue/test-utils'
import { expect, test } from 'vitest'
import { createApp } from 'vue'
import { router } from '@renderer/app/router'

test('an address that changes while the first page still loads is gone to', async () => {
  createApp({ template: '<p />' }).use(router)
  location.hash = '#/about'
  await router.isReady()
  await flushPromises()
  await expect.poll(() => router.currentRoute.value.path).toBe('/about')
})
