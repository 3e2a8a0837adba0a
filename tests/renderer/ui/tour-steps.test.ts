// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import PrimeVue from 'primevue/config'
import { expect, test } from 'vitest'
import TourSteps from '@renderer/ui/tour-steps.vue'

const shown = (): ReturnType<typeof mount> => mount(TourSteps, { global: { plugins: [PrimeVue] } })

test('three steps, forwards and back by buttons and keys, and done after the last', async () => {
  const tour = shown()
  const step = (): string => tour.find('p').text()
  expect(step()).toBe('Step 1 of 3')
  await tour.trigger('keydown', { key: 'ArrowLeft' })
  expect(step()).toBe('Step 1 of 3')
  await tour.find('button').trigger('click')
  expect(step()).toBe('Step 2 of 3')
  await tour.trigger('keydown', { key: 'ArrowRight' })
  await tour.trigger('keydown', { key: 'ArrowRight' })
  expect(step()).toBe('Step 3 of 3')
  await tour.findAll('button')[1]!.trigger('click')
  expect(step()).toBe('Step 2 of 3')
  await tour.trigger('keydown', { key: 'ArrowRight' })
  expect(tour.emitted('done')).toBeUndefined()
  await tour.find('button').trigger('click')
  expect(tour.emitted('done')).toHaveLength(1)
})

test('Escape ends it at once', async () => {
  const tour = shown()
  await tour.trigger('keydown', { key: 'Escape' })
  expect(tour.emitted('done')).toHaveLength(1)
})
