// @vitest-environment happy-dom
import { flushPromises } from '@vue/test-utils'
import { describe, expect, test, vi } from 'vitest'
import { setReviewer } from '@renderer/client/reviewer'
import { Conflict } from '@shared/domain/decision'
import type { StandingDecision } from '@shared/domain/decision'
import { beginsWithReview, button, heading, openAgain, page, press, progress } from './opened-review'
import { server, standing } from './review-server'

vi.mock('@renderer/client', async () => (await import('./review-server')).reviewClient())

beginsWithReview()

describe('a review that others see and decide too', () => {
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
    localStorage.clear()
    window.dispatchEvent(new StorageEvent('storage', { key: 'reviewer' }))
    await openAgain()
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
})
