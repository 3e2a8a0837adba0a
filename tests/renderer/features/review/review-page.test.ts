// @vitest-environment happy-dom
import { flushPromises } from '@vue/test-utils'
import { describe, expect, test, vi } from 'vitest'
import { Failure } from '@shared/domain/failure'
import type { ReviewChange } from '@shared/domain/review'
import { beginsWithReview, button, heading, openAgain, page, press, progress, router } from './opened-review'
import { CONTINUATION, server, table } from './review-server'

vi.mock('@renderer/client', async () => (await import('./review-server')).reviewClient())

beginsWithReview()

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
    // This run gave no probabilities, and nobody has judged ten yet: no number is made up.
    expect(page.text()).toMatch(/How many of these are really wrong the run cannot tell/)
    expect(page.text()).not.toMatch(/likely wrong/)
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

  test('where nothing is flagged all are listed, and the page says so', async () => {
    const { flagged } = table
    table.flagged = flagged.map(() => false)
    await openAgain()
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

  test('a run goes on from all that was decided, in the review and elsewhere', async () => {
    await press('r')
    await button(/^Run again with what I decided$/).trigger('click')
    await flushPromises()
    const start = [...document.querySelectorAll('button')].find((one) => one.textContent === 'Start the run')!
    expect(document.body.textContent).toContain('1 new label, 1 confirmed label, 2 examples left out')
    start.click()
    await flushPromises()
    expect(server.created).toEqual([{ spec: CONTINUATION, name: 'My run, reviewed' }])
    expect(router.currentRoute.value.path).toBe('/runs/next')
  })
})
