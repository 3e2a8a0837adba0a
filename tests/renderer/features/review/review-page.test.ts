// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import PrimeVue from 'primevue/config'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { setReviewer } from '@renderer/client/reviewer'
import ReviewPage from '@renderer/features/review/review-page.vue'
import { Failure } from '@shared/domain/failure'
import { Conflict } from '@shared/domain/decision'
import type { DecisionNews, StandingDecision } from '@shared/domain/decision'
import type { IssueTable, ReviewChange } from '@shared/domain/review'
import type { Reviewers } from '@shared/domain/reviewer'

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
  isProbability: false,
  shape: [8, 8, 1]
}

const SPEC = vi.hoisted(() => ({
  task: 'denoising',
  trusted: false,
  pins: [{ source: 'pets', dataset: 'pets-1f', contentHash: '', corrections: null }]
}))

const FACTS = vi.hoisted(() => ({
  model: { width: 8, height: 8, channels: 1 },
  original: null,
  missing: null
}))

/** Stands in for the workbench: acts with undo and redo, in memory, and one who looks on. */
const server = vi.hoisted(() => ({
  acts: [] as { changes: unknown; summary: string }[],
  undone: [] as { changes: unknown; summary: string }[],
  refusal: undefined as Error | undefined,
  created: [] as unknown[],
  /** How acts were signed. */
  sent: [] as { settles: boolean; by?: string; revision?: number }[],
  reviewers: { people: [], verdicts: [], disputed: [], agreement: [] } as Reviewers,
  revision: 0,
  vouched: [] as StandingDecision[],
  tellTrust: () => undefined as void,
  tell: (_news: unknown): void => undefined
}))

function standing(touched: readonly number[] = []): DecisionNews {
  const decisions = new Map<number, StandingDecision>()
  for (const { changes } of server.acts) {
    for (const { row, decision } of changes as ReviewChange[]) {
      if (decision) decisions.set(row, { row, ...decision, by: 'anna', at: '2026-01-01T10:00:00.000Z' })
      else decisions.delete(row)
    }
  }
  return {
    revision: server.revision++,
    touched: [...touched],
    decisions: touched.flatMap((row) => decisions.get(row) ?? []),
    undo: server.acts.at(-1)?.summary ?? null,
    redo: server.undone.at(-1)?.summary ?? null
  }
}

function turn(from: typeof server.acts, to: typeof server.acts): DecisionNews {
  const act = from.pop()
  if (act) to.push(act)
  return standing((act?.changes as ReviewChange[] | undefined)?.map(({ row }) => row))
}

vi.mock('@renderer/client', async () => ({
  failureOf: (error: unknown) => (error as Failure).toData(),
  ...(await vi.importActual<object>('@renderer/client/decisions')),
  bridge: () => undefined,
  keep: () => undefined,
  kept: () => undefined,
  ...(await vi.importActual<object>('@renderer/client/reviewer')),
  runPicture: () => ({ load: async () => new Blob(), facts: async () => FACTS }),
  client: {
    runs: {
      get: async () => ({ record: { id: 'r', name: 'My run', spec: SPEC }, report: null, files: [] }),
      atlas: async () => new Blob(),
      pictureFacts: async () => FACTS,
      create: async (order: unknown) => {
        server.created.push(order)
        return { id: 'next' }
      }
    },
    system: { info: async () => ({ user: 'anna' }) },
    annotations: {
      place: async ({ row }: { row: number }) => ({ dataset: 'd', row: row + 100 }),
      watch: async function* () {
        yield { tags: [{ tag: 'odd', rows: [102] }], notes: [], questions: [] }
        await new Promise(() => undefined)
      },
      tag: async (change: unknown) => void server.created.push(change)
    },
    trust: {
      watch: async function* ({ dataset }: { dataset: string }) {
        if (dataset !== 'pets-1f') return
        for (;;) yield await new Promise((resolve) => (server.tellTrust = () => resolve({ isAll: true })))
      }
    },
    reviews: {
      vouched: async () => server.vouched,
      find: async () => [1, 2],
      issues: async () => table,
      watch: async function* () {
        yield { ...standing(), isAll: true }
        for (;;) yield await new Promise<unknown>((resolve) => (server.tell = resolve))
      },
      reviewers: async () => server.reviewers,
      decide: async (act: { changes: ReviewChange[]; summary: string; settles: boolean }) => {
        const { changes, summary, settles, ...who } = act
        server.sent.push({ settles, ...who })
        const { refusal } = server
        server.refusal = undefined
        if (refusal) throw refusal
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
  Object.assign(server, { acts: [], undone: [], refusal: undefined, created: [], sent: [], revision: 0 })
  server.reviewers = { people: [], verdicts: [], disputed: [], agreement: [] }
  localStorage.clear()
  setReviewer('')
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

  test('tags and notes are those of the row in the dataset, and a question narrows the list', async () => {
    const tags = page.find('section[aria-label="Tags and note"]')
    expect(tags.text()).not.toContain('odd')
    await tags.find('input').setValue('ODD, look again')
    await tags.find('form').trigger('submit')
    await flushPromises()
    expect(server.created).toEqual([{ dataset: 'd', rows: [101], add: ['odd', 'look again'] }])
    const field = page.find('input[aria-label="Find examples"]')
    await field.setValue('tag = odd')
    await field.trigger('change')
    await flushPromises()
    expect(page.find('section[aria-label="List"]').text()).toContain('1 example')
    await field.setValue('')
    await field.trigger('change')
    await flushPromises()
    expect(page.find('section[aria-label="List"]').text()).toContain('3 examples')
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
    server.refusal = new Failure('workspace', 'The disk is full.', 'Make room.')
    await press('k')
    expect(page.find('[role="alert"]').text()).toContain('The disk is full. Make room.')
    expect(progress()).toContain('Decided 0 of 3')
  })

  test('who several reviewers are, what they dispute, and who settles it', async () => {
    const at = '2026-01-01T11:00:00.000Z'
    const said = { row: 3, at }
    server.reviewers = {
      people: [
        { name: 'anna', judged: 1, assigned: [4], done: 0 },
        { name: 'ben', judged: 1, assigned: [], done: 0 }
      ],
      verdicts: [
        { ...said, by: 'anna', action: 'keep' },
        { ...said, by: 'ben', action: 'drop' }
      ],
      disputed: [3],
      agreement: [{ between: ['anna', 'ben'], both: 1, agreed: 0, kappa: 0, interval: null }]
    }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    server.tell({
      ...standing(),
      touched: [3],
      decisions: [{ ...said, action: 'drop', by: 'ben', judged: true }],
      isAll: true
    })
    await flushPromises()
    vi.advanceTimersByTime(300)
    vi.useRealTimers()
    await flushPromises()
    const panel = page.find('details[aria-label="Reviewers"]')
    expect(panel.text()).toContain('anna and ben say the same of 0 of 1: Cohen')
    await button(/^1 example disputed$/).trigger('click')
    await flushPromises()
    expect(heading()).toBe('d.png')
    expect(page.find('article').text()).toContain('Disputed. anna: keep; ben: drop.')
    await press('k')
    expect(server.sent.at(-1)).toMatchObject({ settles: true, revision: expect.any(Number) })
    await button(/^Show my part$/).trigger('click')
    await flushPromises()
    expect(heading()).toBe('e.png')

    // Unseen: what others said is not shown, and what one decides does not look at it.
    await panel.find('#unseen').setValue(true)
    expect(page.find('article').text()).not.toContain('Disputed')
    await press('d')
    expect(server.sent.at(-1)).toEqual({ run: 'r', settles: false, reader: expect.any(String) })
    expect(progress()).toContain('Decided 2 of 3')
  })

  test('a name is asked for once, signs what is decided and is kept in this browser', async () => {
    setReviewer('')
    const panel = page.find('details[aria-label="Reviewers"]')
    expect(panel.text()).toContain('You decide as anna')
    await button(/^Change$/).trigger('click')
    const field = panel.find<HTMLInputElement>('#reviewer-name')
    await field.setValue('  ')
    expect(button(/^Save$/).attributes('disabled')).toBeDefined()
    await field.setValue(' Zoë "Z" ')
    await panel.find('form').trigger('submit')
    expect(panel.text()).toContain('You decide as Zoë "Z"')
    expect(localStorage.getItem('reviewer')).toBe('Zoë "Z"')
    await press('k')
    expect(server.sent).toMatchObject([{ by: 'Zoë "Z"', settles: false }])
  })

  test('whoever has no name yet is asked above all else beside the example; later it stands at the end', async () => {
    const first = (): string => page.find('aside[aria-label="Many at once"] h3').text()
    expect(first()).toBe('Take many at once')
    page.unmount()
    localStorage.clear()
    window.dispatchEvent(new StorageEvent('storage', { key: 'reviewer' }))
    page = mount(ReviewPage, { attachTo: document.body, global: { plugins: [router, PrimeVue] } })
    await flushPromises()
    expect(first()).toBe('Reviewers')
    expect(page.find('details[aria-label="Reviewers"]').attributes('open')).toBeDefined()
  })

  test('what another tab decides is seen at once, with who did it, and is not undone here', async () => {
    await press('k')
    const theirs: StandingDecision = { row: 3, action: 'drop', by: 'ben', at: '2026-01-01T11:00:00.000Z' }
    const own = standing()
    server.tell({ ...own, touched: [3], decisions: [theirs], isAll: true })
    await flushPromises()
    expect(progress()).toContain('Decided 2 of 3 flagged')
    expect(heading()).toBe('d.png')
    expect(page.find('article .state').text()).toContain('drop')
    expect(page.find('article .state').text()).toContain('by ben')
    await press('z', { ctrlKey: true })
    expect(progress()).toContain('Decided 1 of 3 flagged')
  })

  test('what is marked as trusted elsewhere is seen at once', async () => {
    server.vouched = [{ row: 3, action: 'keep', by: 'ben', at: '2026-01-01T11:00:00.000Z' }]
    expect(progress()).toContain('Decided 0 of 3 flagged')
    server.tellTrust()
    await flushPromises()
    expect(progress()).toContain('Decided 1 of 3 flagged')
    server.vouched = []
    server.tellTrust()
    await flushPromises()
    expect(progress()).toContain('Decided 0 of 3 flagged')
  })

  test('an act that another tab was faster with is taken back and said, with a choice', async () => {
    const theirs: StandingDecision = {
      row: 1,
      action: 'relabel',
      label: 2,
      by: 'ben',
      at: '2026-01-01T11:00:00.000Z'
    }
    server.refusal = new Conflict({ revision: 7, touched: [1], decisions: [theirs] })
    await press('d')
    const alert = (): ReturnType<typeof page.find> => page.find('[role="alert"]')
    expect(alert().text()).toContain('b.png: relabel to fox, by ben')
    expect(progress()).toContain('Decided 0 of 3')
    await button(/^Decide all the same$/).trigger('click')
    await flushPromises()
    expect(server.acts.map(({ changes }) => changes)).toEqual([[{ row: 1, decision: { action: 'drop' } }]])
    expect(alert().exists()).toBe(false)
    expect(progress()).toContain('Decided 1 of 3')
  })

  test('where nothing is flagged all are listed, and the page says so', async () => {
    const { flagged } = table
    table.flagged = flagged.map(() => false)
    page.unmount()
    page = mount(ReviewPage, { attachTo: document.body, global: { plugins: [router, PrimeVue] } })
    await flushPromises()
    expect(heading()).toBe('b.png')
    await press('r')
    expect(progress()).toContain('No label looks wrong enough')
    expect(progress()).toContain('Decided 1 of 6')
    table.flagged = flagged
  })

  test('a pair of classes filters the list', async () => {
    await page.find('button[aria-label="given dog, suggested cat: 1 flagged"]').trigger('click')
    await flushPromises()
    expect(heading()).toBe('d.png')
    expect(page.text()).toContain('1 example')
  })

  test('a run goes on from the decisions', async () => {
    await press('r')
    await button(/^Run again with what I decided$/).trigger('click')
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
