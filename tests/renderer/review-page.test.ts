// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import PrimeVue from 'primevue/config'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import ReviewPage from '@renderer/features/review/review-page.vue'
import { Failure } from '@shared/domain/failure'
import type { IssueTable, Review, ReviewChange, ReviewDecision } from '@shared/domain/review'

const table: IssueTable = {
  run: 'r',
  classNames: ['cat', 'dog', 'fox'],
  given: [0, 0, 1, 1, 0, 1],
  predicted: [0, 1, 1, 0, 2, 1],
  truth: null,
  flagged: [false, true, false, true, true, false],
  weight: [0.9, 0.1, 0.8, 0.4, 0.2, 0.95],
  combined: [0.9, 0.1, 0.8, 0.2, 0.4, 0.95],
  bilevel: [0.9, 0.1, 0.8, 0.1, 0.4, 0.95],
  trusted: [0.9, 0.1, 0.8, 0.1, 0.9, 0.95],
  crossValidated: null,
  files: ['a.png', 'b.png', 'c.png', 'd.png', 'e.png', 'f.png'],
  threshold: 0.5,
  shape: [8, 8, 1]
}

/** Stands in for the workbench: acts with undo and redo, in memory. */
const server = vi.hoisted(() => ({
  acts: [] as { changes: unknown; summary: string }[],
  undone: [] as { changes: unknown; summary: string }[],
  refuse: false,
  created: [] as unknown[]
}))

function standing(touched: number[] = []): Review {
  const decisions = new Map<number, ReviewDecision>()
  for (const { changes } of server.acts) {
    for (const { row, decision } of changes as ReviewChange[]) {
      if (decision) decisions.set(row, { row, ...decision })
      else decisions.delete(row)
    }
  }
  return {
    run: 'r',
    decisions: [...decisions.values()],
    undo: server.acts.at(-1)?.summary ?? null,
    redo: server.undone.at(-1)?.summary ?? null,
    touched
  }
}

function turn(from: typeof server.acts, to: typeof server.acts): Review {
  const act = from.pop()
  if (act) to.push(act)
  return standing((act?.changes as ReviewChange[] | undefined)?.map(({ row }) => row))
}

vi.mock('@renderer/client', () => ({
  failureOf: (error: unknown) => (error as Failure).toData(),
  bridge: () => undefined,
  client: {
    runs: {
      get: async () => ({ record: { id: 'r', name: 'My run' }, report: null, files: [] }),
      atlas: async () => new Blob(),
      image: async () => new Blob(),
      create: async (order: unknown) => {
        server.created.push(order)
        return { id: 'next' }
      }
    },
    reviews: {
      issues: async () => table,
      get: async () => standing(),
      decide: async ({ changes, summary }: { changes: ReviewChange[]; summary: string }) => {
        if (server.refuse) throw new Failure('internal', 'The disk is full.', 'Make room.')
        server.acts.push({ changes, summary })
        server.undone = []
        return standing(changes.map(({ row }) => row))
      },
      undo: async () => turn(server.acts, server.undone),
      redo: async () => turn(server.undone, server.acts),
      trajectory: async () => ({ weights: [0.5, 0.3, 0.1] }),
      neighbours: async () => ({ given: [{ row: 3, label: 0, distance: 1.5 }], suggested: [] }),
      continuation: async () => ({ task: 'denoising', startFrom: '/out' })
    }
  }
}))

let page: VueWrapper
const router = createRouter({
  history: createMemoryHistory(),
  routes: [
    { path: '/runs/:id/review', component: ReviewPage },
    { path: '/:rest(.*)*', component: { template: '<p />' } }
  ]
})

beforeEach(async () => {
  Object.assign(server, { acts: [], undone: [], refuse: false, created: [] })
  await router.push('/runs/r/review')
  page = mount(ReviewPage, { attachTo: document.body, global: { plugins: [router, PrimeVue] } })
  await flushPromises()
})
afterEach(() => page.unmount())

async function press(key: string, more: KeyboardEventInit = {}): Promise<void> {
  window.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }))
  await flushPromises()
}
const heading = (): string => page.find('article h2').text()
const progress = (): string => page.find('.progress').text()
const button = (name: RegExp): ReturnType<typeof page.find> =>
  page.findAll('button').find((one) => name.test(one.text()))!

describe('the review page', () => {
  test('begins with the most suspicious example and says how much is decided', () => {
    expect(heading()).toBe('b.png')
    expect(progress()).toContain('Decided 0 of 3 flagged')
    expect(page.text()).toContain('Over 3 epochs it lost weight: 50 % to 10 %.')
  })

  test('keys decide, go on to the next, and every act is sent by itself', async () => {
    await press('k')
    expect(heading()).toBe('d.png')
    await press('r')
    await press('3')
    expect(server.acts.map(({ changes }) => (changes as ReviewChange[])[0])).toEqual([
      { row: 1, decision: { action: 'keep' } },
      { row: 3, decision: { action: 'relabel', label: 0 } },
      { row: 4, decision: { action: 'relabel', label: 2 } }
    ])
    expect(progress()).toContain('Decided 3 of 3 flagged')
    expect(progress()).toContain('all saved')
  })

  test('choosing the given class keeps it', async () => {
    await press('1')
    expect(server.acts[0]!.changes).toEqual([{ row: 1, decision: { action: 'keep' } }])
  })

  test('undo and redo show the example that they changed', async () => {
    await press('d')
    await press('d')
    await press('z', { ctrlKey: true })
    expect(heading()).toBe('d.png')
    await press('z', { ctrlKey: true })
    expect(heading()).toBe('b.png')
    expect(progress()).toContain('Decided 0 of 3')
    await press('Z', { ctrlKey: true, shiftKey: true })
    expect(progress()).toContain('Decided 1 of 3')
    expect(heading()).toBe('b.png')
  })

  test('many are taken in one act, which undo takes back whole', async () => {
    expect(page.text()).toMatch(/Of these 3, about \d are likely wrong/)
    await button(/^Drop these 3$/).trigger('click')
    await flushPromises()
    expect(server.acts).toHaveLength(1)
    expect(server.acts[0]!.summary).toBe('drop the 3 most suspicious examples')
    expect(progress()).toContain('Decided 3 of 3')
    await press('z', { ctrlKey: true })
    expect(progress()).toContain('Decided 0 of 3')
  })

  test('a decision that cannot be saved is taken back and said', async () => {
    server.refuse = true
    await press('k')
    expect(page.find('[role="alert"]').text()).toContain('The disk is full. Make room.')
    expect(progress()).toContain('Decided 0 of 3')
  })

  test('a pair of classes filters the list', async () => {
    await page.find('button[aria-label="given dog, suggested cat: 1 flagged"]').trigger('click')
    await flushPromises()
    expect(heading()).toBe('d.png')
    expect(page.text()).toContain('1 example')
  })

  test('a run goes on from the decisions', async () => {
    await press('r')
    await button(/^Run again from here$/).trigger('click')
    await flushPromises()
    const start = [...document.querySelectorAll('button')].find((one) => one.textContent === 'Start the run')!
    expect(document.body.textContent).toContain('1 new label, 0 confirmed labels, 0 dropped examples')
    start.click()
    await flushPromises()
    expect(server.created).toEqual([
      { spec: { task: 'denoising', startFrom: '/out' }, name: 'My run, reviewed' }
    ])
    expect(router.currentRoute.value.path).toBe('/runs/next')
  })
})
