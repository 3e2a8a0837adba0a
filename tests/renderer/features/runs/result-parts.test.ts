// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import PrimeVue from 'primevue/config'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import EpisodeViewer from '@renderer/features/runs/episode-viewer.vue'
import PoisonStrips from '@renderer/features/runs/poison-strips.vue'
import type { PoisonFacts } from '@shared/domain/poison-facts'

const server = vi.hoisted(() => ({
  lists: [] as { count: number | null; from: number; size: number }[],
  panels: [] as number[][],
  atlases: [] as { role: string; rows: number[] }[],
  refuse: false
}))

const TOTAL = 11

function poison(index: number): PoisonFacts {
  return {
    index,
    label: '3',
    base: { row: 100 + index, label: index % 2 ? '3' : '8' },
    linf: 0.5,
    l2: 2,
    // The first has nothing beside it: the pictures of the others must not shift.
    beside: index === 0 ? null : { row: 50 + index, label: '8', distance: 1, isTarget: false }
  }
}

const episodes = {
  reference: 'b',
  ways: 2,
  shots: 1,
  queries: 2,
  episodes: [0, 10, 20].map((from) => ({
    classes: ['alpha', 'beta'],
    support: [[from], [from + 1]],
    query: [
      [from + 2, from + 3],
      [from + 4, from + 5]
    ],
    predicted: [
      [0, 1],
      [1, 1]
    ],
    accuracy: 0.75
  }))
}

vi.mock('@renderer/client', () => ({
  failureOf: (error: unknown) => error,
  client: {
    poisons: {
      list: async ({ count, from, size }: { count: number | null; from: number; size: number }) => {
        if (server.refuse)
          throw { code: 'not-found', sentence: 'The data are gone.', remedy: 'Bring them back.' }
        server.lists.push({ count, from, size })
        const length = Math.min(size, TOTAL - from)
        return {
          total: TOTAL,
          shape: [28, 28, 1],
          poisons: Array.from({ length }, (_, i) => poison(from + i))
        }
      },
      panels: async ({ indices }: { indices: number[] }) => {
        server.panels.push(indices)
        return new Blob()
      }
    },
    runs: {
      file: async () => new Blob([JSON.stringify(episodes)]),
      atlas: async ({ role, rows }: { role: string; rows: number[] }) => {
        server.atlases.push({ role, rows })
        return new Blob()
      }
    }
  }
}))

beforeEach(() => Object.assign(server, { lists: [], panels: [], atlases: [], refuse: false }))
const global = { plugins: [PrimeVue] }

describe('the poisons of a run', () => {
  test('come a page at a time, a changed label told apart, neighbours under their own poisons', async () => {
    const strips = mount(PoisonStrips, { props: { id: 'r' }, global })
    await flushPromises()
    expect(server.lists).toEqual([{ count: null, from: 0, size: 8 }])
    expect(server.panels).toEqual([[0, 1, 2, 3, 4, 5, 6, 7]])
    expect(server.atlases).toEqual([{ role: 'validation', rows: [51, 52, 53, 54, 55, 56, 57] }])
    const items = strips.findAll('li')
    expect(items[0]!.findAll('figure')).toHaveLength(3)
    expect(items[0]!.find('.wrong').text()).toBe('labelled 3')
    expect(items[1]!.find('.wrong').exists()).toBe(false)
    const first = items[1]!.findAll('.picture')[3]!
    expect((first.element as HTMLElement).style.backgroundPosition).toMatch(/^-?0px -?0px$/)

    await strips.find('[aria-label="Later poisons"]').trigger('click')
    await flushPromises()
    expect(server.panels.at(-1)).toEqual([8, 9, 10])
    expect(strips.find('[aria-label="Later poisons"]').attributes('disabled')).toBeDefined()
    expect(strips.text()).toContain('9–11 of 11')
  })

  test('that cannot be read say why', async () => {
    server.refuse = true
    const strips = mount(PoisonStrips, { props: { id: 'r' }, global })
    await flushPromises()
    expect(strips.find('[role="alert"]').text()).toContain('The data are gone.')
  })
})

describe('the viewer of test tasks', () => {
  test('steps by keyboard and stays in the list', async () => {
    const viewer = mount(EpisodeViewer, { props: { id: 'r' }, global })
    await flushPromises()
    expect(viewer.text()).toContain('1 of 3')
    expect(server.atlases.at(-1)).toEqual({ role: 'test', rows: [0, 2, 3, 1, 4, 5] })
    await viewer.trigger('keydown', { key: 'End' })
    await viewer.trigger('keydown', { key: 'ArrowRight' })
    await flushPromises()
    expect(viewer.text()).toContain('3 of 3')
    expect(server.atlases.at(-1)!.rows).toEqual([20, 22, 23, 21, 24, 25])
  })

  test('marks what was taken for another class, and for which', async () => {
    const viewer = mount(EpisodeViewer, { props: { id: 'r' }, global })
    await flushPromises()
    expect(viewer.findAll('figure.wrong')).toHaveLength(1)
    expect(viewer.find('figure.wrong').text()).toBe('B')
    expect(viewer.findAll('li').map((line) => line.find('.name').text())).toEqual([
      'A alpha 1 of 2 right',
      'B beta 2 of 2 right'
    ])
  })
})
