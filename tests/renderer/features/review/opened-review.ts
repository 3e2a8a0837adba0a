import { flushPromises, mount } from '@vue/test-utils'
import type { DOMWrapper, VueWrapper } from '@vue/test-utils'
import PrimeVue from 'primevue/config'
import { afterEach, beforeEach } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { setReviewer } from '@renderer/client/reviewer'
import ReviewPage from '@renderer/features/review/review-page.vue'
import { resetServer } from './review-server'

export let page: VueWrapper
export const router = createRouter({
  history: createMemoryHistory(),
  routes: [
    { path: '/runs/:id/review', component: ReviewPage },
    { path: '/:rest(.*)*', component: { template: '<p />' } }
  ]
})

/** Each test of the file that asks for it begins on the page of a review in which nobody has decided anything. */
export function beginsWithReview(): void {
  beforeEach(async () => {
    resetServer()
    localStorage.clear()
    setReviewer('')
    await router.push('/runs/r/review')
    await openPage()
  })
  afterEach(() => page.unmount())
}

/** Leave the page, and open it again. */
export async function openAgain(): Promise<void> {
  page.unmount()
  await openPage()
}

async function openPage(): Promise<void> {
  page = mount(ReviewPage, { attachTo: document.body, global: { plugins: [router, PrimeVue] } })
  await flushPromises()
}

export async function press(key: string, more: KeyboardEventInit = {}): Promise<void> {
  window.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }))
  await flushPromises()
}
export const heading = (): string => page.find('article h2').text()
export const progress = (): string => page.find('.progress').text()
export const button = (name: RegExp): DOMWrapper<Element> =>
  page.findAll('button').find((one) => name.test(one.text()))!
