// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import PrimeVue from 'primevue/config'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { effectScope } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import JobNotices from '@renderer/app/job-notices.vue'
import SideJobs from '@renderer/app/side-jobs.vue'
import { useImportDraft, useJobs } from '@renderer/client'
import { jobFacts, jobHeadline, jobRoute } from '@renderer/ui/job-words'
import { jobOf, standInJobs } from '@support/stand-in-jobs'

const server = vi.hoisted(() => ({
  inspected: [] as unknown[],
  imports: [] as { request?: string }[],
  /** The upload that is under way. */
  sending: undefined as
    | { progress(done: number, total: number): void; finish(path: string): void; signal: AbortSignal }
    | undefined
}))

vi.mock('@renderer/client/connection', async () => {
  const { standInJobs } = await import('@support/stand-in-jobs')
  return {
    client: {
      datasets: {
        inspect: async (choice: unknown) => {
          server.inspected.push(choice)
          return { format: 'images', missing: [], warnings: [] }
        }
      },
      jobs: {
        ...standInJobs.client,
        import: async (order: { request?: string }) => {
          server.imports.push(order)
          return standInJobs.put({ id: 'import-1' })
        }
      }
    }
  }
})
vi.mock('@renderer/client/uploads', () => ({
  upload: (
    _files: unknown,
    { onProgress, signal }: { onProgress(done: number, total: number): void; signal: AbortSignal }
  ) =>
    new Promise((finish, fail) => {
      server.sending = { progress: onProgress, finish, signal }
      signal.addEventListener('abort', () => fail(new Error('aborted')))
    })
}))

const DONE = { type: 'dataset', dataset: 'photos-1', name: 'photos', examples: 240 } as const

beforeEach(() => {
  Object.assign(server, { inspected: [], imports: [], sending: undefined })
  standInJobs.reset()
  sessionStorage.clear()
  setActivePinia(createPinia())
})

const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: '/:rest(.*)*', component: { template: '<p />' } }]
})

describe('the window’s list of jobs', () => {
  test('is what the server tells, also after the connection was lost', async () => {
    standInJobs.put({ id: 'a' })
    const jobs = useJobs()
    await flushPromises()
    standInJobs.put({ id: 'b', state: 'waiting', place: 1 })
    standInJobs.put({ id: 'a', progress: { phase: 'reading', done: 1, total: 2, secondsLeft: null } })
    await flushPromises()
    expect(jobs.active.map(({ id, progress }) => [id, progress?.done])).toEqual([
      ['a', 1],
      ['b', undefined]
    ])
    standInJobs.breakOff()
    await flushPromises()
    standInJobs.remove('b')
    standInJobs.put({ id: 'a', state: 'done', progress: null, result: DONE })
    await vi.waitFor(() => expect(jobs.ended.map(({ id }) => id)).toEqual(['a']), 30_000)
    expect(jobs.active).toEqual([])
  })

  test('tells of an end that no page showed, and of no other', async () => {
    const jobs = useJobs()
    const page = effectScope()
    page.run(() => jobs.show(({ id }) => id === 'seen'))
    for (const id of ['seen', 'elsewhere', 'cancelled']) standInJobs.put({ id })
    await flushPromises()
    standInJobs.put({ id: 'seen', state: 'done', result: DONE })
    standInJobs.put({ id: 'elsewhere', state: 'done', result: DONE })
    standInJobs.put({ id: 'cancelled', state: 'cancelled' })
    await flushPromises()
    expect(jobs.notices.map(({ id }) => id)).toEqual(['elsewhere'])
    // Having left that page makes no news of what was seen on it, nor does a reload.
    page.stop()
    expect(jobs.notices.map(({ id }) => id)).toEqual(['elsewhere'])
    setActivePinia(createPinia())
    const reloaded = useJobs()
    await flushPromises()
    expect(reloaded.notices.map(({ id }) => id)).toEqual(['elsewhere'])
    expect(reloaded.ended.map(({ id }) => id)).toEqual(['seen', 'elsewhere'])
  })
})

describe('the side bar and the notices', () => {
  test('progress with the time left; cancelled by its own button; the result until it is dismissed', async () => {
    const side = mount(SideJobs, { global: { plugins: [router] } })
    const notices = mount(JobNotices, { global: { plugins: [router, PrimeVue] } })
    await flushPromises()
    expect(side.find('section').exists()).toBe(false)
    const progress = { phase: 'reading images', done: 42, total: 100, secondsLeft: 75 }
    standInJobs.put({ id: 'a', progress })
    standInJobs.put({ id: 'b', title: 'other', state: 'waiting', place: 2 })
    await flushPromises()
    expect(side.find('a').attributes('aria-label')).toBe('Importing photos')
    expect(side.text()).toContain('reading images · 42\u00a0% · 1\u00a0min\u00a015\u00a0s\u00a0left')
    expect(side.text()).toContain('waiting, 2nd in line')
    await side.find('[aria-label="Cancel: Importing other"]').trigger('click')
    expect(standInJobs.cancelled).toEqual(['b'])
    standInJobs.put({ id: 'a', state: 'done', progress: null, result: DONE })
    await flushPromises()
    expect(notices.find('[role="status"]').text()).toContain('photos imported')
    expect(side.text()).toContain('imported · 240 examples')
    await notices.findAll('button')[0]!.trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/datasets/photos-1')
    expect(notices.text()).toBe('')
    expect(side.find('section').exists()).toBe(false)
  })

  test('what was imported is no news to whoever is on a page of it', async () => {
    await router.push('/runs')
    const notices = mount(JobNotices, { global: { plugins: [router, PrimeVue] } })
    standInJobs.put({ id: 'found', state: 'done', result: DONE })
    standInJobs.put({ id: 'other', state: 'done', result: { ...DONE, dataset: 'photos-10' } })
    await flushPromises()
    expect(notices.text()).toContain('1 more ended')
    await router.push('/datasets/photos-1/trust')
    await flushPromises()
    expect(new Set(standInJobs.dismissed)).toEqual(new Set(['found']))
    expect(notices.text()).not.toContain('more ended')
  })

  test('words for every kind and end', () => {
    const run = { source: null, dataset: null, run: 'r', out: '/x' }
    const failure = { code: 'bad-input', sentence: 'It is empty.', remedy: '' } as const
    expect(jobHeadline(jobOf({ id: '1', kind: 'issues', title: 'Run' }))).toBe('Writing the issues of Run')
    expect(jobHeadline(jobOf({ id: '1', kind: 'export', title: 'Run', state: 'failed' }))).toBe(
      'Run not exported'
    )
    expect(jobFacts(jobOf({ id: '1', state: 'failed', failure }))).toBe('It is empty.')
    expect(jobFacts(jobOf({ id: '1', state: 'waiting', place: 11 }))).toBe('waiting, 11th in line')
    expect(jobRoute(jobOf({ id: '1', kind: 'export', subject: run }))).toBe('/runs/r/export')
    expect(jobRoute(jobOf({ id: '1' }))).toBe('/datasets/import')
  })
})

describe('an import that is put together', () => {
  const files = [{ file: new File(['x'], 'a.png'), path: 'photos/a.png' }]
  const leaving = (): boolean => !dispatchEvent(new Event('beforeunload', { cancelable: true }))

  test('goes on sending when its page is left, warns of a reload, and is kept once it was sent', async () => {
    const draft = useImportDraft()
    const side = mount(SideJobs, { global: { plugins: [router] } })
    expect(leaving()).toBe(false)
    const taking = draft.take(files)
    await flushPromises()
    server.sending!.progress(30, 120)
    await flushPromises()
    expect(side.text()).toContain('photossending')
    expect(side.text()).toContain('25\u00a0%')
    expect(leaving()).toBe(true)
    server.sending!.finish('/uploads/1/photos')
    await taking
    await flushPromises()
    expect(leaving()).toBe(false)
    expect(server.inspected).toEqual([{ source: '/uploads/1/photos' }])
    expect(side.text()).toContain('sent, not imported yet')
    draft.rename('mine')
    await flushPromises()
    // A reload.
    setActivePinia(createPinia())
    const again = useImportDraft()
    await flushPromises()
    expect(again.choice).toEqual({ source: '/uploads/1/photos', name: 'mine' })
    expect(again.inspection).toMatchObject({ format: 'images' })
    again.clear()
    await flushPromises()
    setActivePinia(createPinia())
    expect(useImportDraft().choice).toBeUndefined()
  })

  test('is stopped by its button, and then sends no more', async () => {
    const draft = useImportDraft()
    void draft.take(files)
    await flushPromises()
    draft.clear()
    await flushPromises()
    expect(server.sending!.signal.aborted).toBe(true)
    expect([draft.sending, draft.failure, leaving()]).toEqual([undefined, undefined, false])
    expect(server.inspected).toEqual([])
  })

  test('the button pressed twice asks for one import; after another look it is another', async () => {
    const draft = useImportDraft()
    await draft.look({ source: '/data/photos' })
    await Promise.all([draft.commit({ source: '/data/photos' }), draft.commit({ source: '/data/photos' })])
    const [first, second] = server.imports.map(({ request }) => request)
    expect(first).toMatch(/^[0-9a-f-]{36}$/)
    expect(second).toBe(first)
    expect(draft.job).toBe('import-1')
    const looking = draft.look({ source: '/data/photos', imageSize: 16 })
    draft.rename('typed meanwhile')
    await looking
    expect(draft.choice).toEqual({ source: '/data/photos', imageSize: 16, name: 'typed meanwhile' })
    await draft.commit({ source: '/data/photos', imageSize: 16 })
    expect(server.imports[2]!.request).not.toBe(first)
  })
})
