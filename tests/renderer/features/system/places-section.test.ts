// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import PrimeVue from 'primevue/config'
import { beforeEach, expect, test, vi } from 'vitest'
import PlacesSection from '@renderer/features/system/places-section.vue'
import type { Place } from '@shared/domain/place'

const GPU: Place = {
  name: 'gpu',
  login: 'login.example.org',
  folder: '/scratch/me',
  command: 'bilevel',
  partition: null,
  gres: 'gpu:1',
  time: null,
  options: ['--account=lab']
}

const server = vi.hoisted(() => ({
  places: [] as unknown[],
  saved: [] as unknown[],
  checked: [] as string[]
}))

vi.mock('@renderer/client/connection', () => ({
  client: {
    places: {
      list: async () => server.places,
      save: async (place: unknown) => void server.saved.push(place),
      check: async ({ name }: { name: string }) => {
        server.checked.push(name)
        return [
          { name: 'login', level: 'ok', detail: 'login.example.org' },
          {
            name: 'Slurm',
            level: 'error',
            detail: 'sh: 1: sbatch: not found.',
            remedy: 'Name a machine on which "ssh login.example.org sbatch" finds Slurm.'
          }
        ]
      }
    }
  }
}))

beforeEach(() => {
  server.places = [GPU]
  server.saved = []
  server.checked = []
})

async function opened(): Promise<VueWrapper> {
  const section = mount(PlacesSection, { global: { plugins: [[PrimeVue, { unstyled: true }]] } })
  await flushPromises()
  return section
}

const words = (text: string): string => text.replace(/\s+/g, ' ').trim()

test('a check says what is well and the first thing that is wrong, with what to do', async () => {
  const section = await opened()
  await section.get('[aria-label="Check gpu"]').trigger('click')
  await flushPromises()
  expect(server.checked).toEqual(['gpu'])
  const found = section.get('[aria-label="What gpu can do"]')
  expect(found.findAll('dt').map((one) => [one.text(), one.classes()])).toEqual([
    ['login', ['ok']],
    ['Slurm', ['error']]
  ])
  expect(found.findAll('dd').map((one) => words(one.text()))).toEqual([
    'login.example.org',
    'sh: 1: sbatch: not found. Name a machine on which "ssh login.example.org sbatch" finds Slurm.'
  ])
})

test('a place that is changed keeps its name and what was not touched, and is checked at once', async () => {
  const section = await opened()
  await section.get('[aria-label="Change gpu"]').trigger('click')
  expect(section.get('#place-name').attributes('disabled')).toBeDefined()
  await section.get('#place-folder').setValue(' /scratch/you ')
  await section.get('#place-options').setValue('--account=lab  --qos=long')
  await section.get('form').trigger('submit')
  await flushPromises()
  expect(server.saved).toEqual([{ ...GPU, folder: '/scratch/you', options: ['--account=lab', '--qos=long'] }])
  expect(server.checked).toEqual(['gpu'])
})

test('a new place takes a name', async () => {
  const section = await opened()
  await section.findAll('button').at(-1)!.trigger('click')
  expect(section.get('#place-name').attributes('disabled')).toBeUndefined()
  await section.get('#place-name').setValue('lab')
  await section.get('#place-folder').setValue('/lab')
  await section.get('form').trigger('submit')
  await flushPromises()
  expect(server.saved).toEqual([
    {
      name: 'lab',
      login: null,
      folder: '/lab',
      command: 'bilevel',
      partition: null,
      gres: null,
      time: null,
      options: []
    }
  ])
})
