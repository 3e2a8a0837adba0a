import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scratchFolder } from '../support/command'
import { seriousFaults } from './accessibility'
import { Album } from './album'
import type { Launch, WorkbenchWindow } from './window'

const MINUTE = 60_000
const SAMPLE = path.resolve(import.meta.dirname, '../../resources/samples/digits/digits.npz')
/** Where the window is seen as it was when a step failed. */
const FAILED = path.resolve(import.meta.dirname, '.artifacts/window-at-failure.png')

/**
 * The whole main job on the bundled sample, as a person does it: find the sample, trust, run, watch, review, export.
 * The tests go on where the one before stopped, as a person does. Training is real.
 */
export function describeMainJob(where: string, launch: Launch): void {
  describe(`The main job in ${where}`, () => {
    const { dir, remove } = scratchFolder()
    let window: WorkbenchWindow
    let page: Page
    let album: Album
    const faults: string[] = []

    beforeAll(async () => {
      window = await launch(path.join(dir, 'workspace'))
      page = window.page
      page.setDefaultTimeout(20_000)
      page.on('pageerror', (error) => faults.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error') faults.push(message.text())
      })
      album = new Album(page)
    })
    afterAll(async () => {
      await window?.close()
      remove()
    })

    let stopped = false
    /** Steps go on from the one before: after one that failed the others would only tell of its consequences. */
    function step(name: string, act: () => Promise<void>, timeout = 2 * MINUTE): void {
      test(name, { timeout }, async ({ skip }) => {
        if (stopped) skip('a step before it failed')
        try {
          await act()
        } catch (error) {
          stopped = true
          await page.screenshot({ path: FAILED })
          console.log(`The window as it was then: ${FAILED}\n${faults.join('\n')}`)
          throw error
        }
      })
    }

    const button = (name: string | RegExp): ReturnType<Page['getByRole']> =>
      page.getByRole('button', { name, exact: typeof name === 'string' })
    /** As those do who have no mouse: Tab until it has the focus. */
    async function tabTo(wanted: ReturnType<Page['getByRole']>): Promise<void> {
      await wanted.waitFor()
      for (let tabs = 0; tabs < 150; tabs++) {
        if (await wanted.evaluate((element) => element === document.activeElement)) return
        await page.keyboard.press('Tab')
      }
      throw new Error(`Tab never reaches ${String(wanted)}.`)
    }
    async function pressByKey(
      name: string | RegExp,
      role: 'button' | 'link' | 'radio' = 'button'
    ): Promise<void> {
      await tabTo(page.getByRole(role, { name, exact: typeof name === 'string' }).first())
      await page.keyboard.press('Enter')
    }
    async function chooseByKey(list: string, option: RegExp): Promise<void> {
      await tabTo(page.getByRole('combobox', { name: list }))
      await page.keyboard.press('Enter')
      const wanted = page.getByRole('option', { name: option })
      await wanted.waitFor()
      for (let downs = 0; downs < 50; downs++) {
        if ((await wanted.getAttribute('data-p-focused')) === 'true') return page.keyboard.press('Enter')
        await page.keyboard.press('ArrowDown')
      }
      throw new Error(`The arrow keys never reach ${option} in ${list}.`)
    }
    const heading = (name: string | RegExp): ReturnType<Page['getByRole']> =>
      page.getByRole('heading', { name })

    /** Look at the page as it stands: pictures in both themes, and what a screen reader would stumble over. */
    async function look(name: string): Promise<void> {
      await album.take(name)
      // What is still coming in is half transparent, which axe would take for a fault.
      await page.evaluate(async () => {
        const ending = document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations === 1)
        await Promise.allSettled(ending.map(({ finished }) => finished))
      })
      expect(await seriousFaults(page)).toEqual([])
    }

    step('a first look says what to do, and offers the sample', async () => {
      await heading('Find out which labels you can trust').waitFor()
      await look('datasets-empty')
      await pressByKey('Try the sample digits')
      await heading('digits-with-wrong-labels').waitFor()
      await page.getByText('truth is known').waitFor()
      await page.waitForFunction(() => document.querySelectorAll('[role="option"]').length > 20)
    })

    step('the grid: filters, the example in large, trust by key', async () => {
      await look('dataset')
      await chooseByKey('Split', /^train/)
      await page.getByText('1,197 examples', { exact: true }).waitFor()
      await chooseByKey('Label state', /^Wrong label/)
      const words = await page
        .getByText(/^\d+ examples$/)
        .first()
        .innerText()
      // 30 % of 1,197, chosen by one draw each.
      expect(Math.abs(Number.parseInt(words, 10) - 359)).toBeLessThanOrEqual(1)
      await page.getByRole('listbox', { name: 'Examples' }).focus()
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('Enter')
      const viewer = page.getByRole('dialog')
      await viewer.waitFor()
      await look('example')
      await page.keyboard.press('Escape')
      await viewer.waitFor({ state: 'hidden' })
    })

    step(
      'trust: a queue with keys, corrected and undone; then a split that is known to be right',
      async () => {
        await pressByKey('Mark trusted examples')
        await heading('What do you trust?').waitFor()
        await heading(/^Is this/).waitFor()
        await page.keyboard.press('Enter')
        await heading('1 trusted example').waitFor()
        await page.keyboard.press('7')
        await heading('2 trusted examples').waitFor()
        await page.keyboard.press('u')
        await heading('1 trusted example').waitFor()
        for (let more = 2; more <= 12; more++) {
          await page.keyboard.press('Enter')
          await heading(`${more} trusted examples`).waitFor()
        }
        await look('trust')
        await page.getByText('A part of my data is known to be right').click()
        await chooseByKey('Trusted split or dataset', /checked/)
        await heading('200 trusted examples').waitFor()
        await pressByKey('Find wrong labels')
      }
    )

    step('a new run: the data is filled in, the check says what it takes', async () => {
      await heading('New run').waitFor()
      await page.getByText(/1,197/).first().waitFor()
      expect(await page.getByRole('combobox', { name: 'Training data' }).inputValue()).toContain(
        'digits-with-wrong-labels'
      )
      await pressByKey(/Balanced/, 'radio')
      await look('new-run')
      await button('Start').click({ timeout: MINUTE })
      await page.getByRole('region', { name: 'What the run is doing' }).waitFor({ timeout: MINUTE })
    })

    step(
      'live: charts and words while it learns; then what it found',
      async () => {
        await page.locator('canvas').nth(2).waitFor({ timeout: MINUTE })
        await look('run-live')
        await button('Review the suspicious ones').waitFor({ timeout: 2 * MINUTE })
        await page.getByRole('region', { name: 'Result' }).waitFor()
        await look('run-result')
      },
      4 * MINUTE
    )

    step('review by keyboard: keep, drop, relabel, undo; many at once; nothing is lost', async () => {
      await pressByKey('Review the suspicious ones')
      const progress = page.getByText(/Decided \d+ of [\d,]+ flagged/)
      await progress.waitFor()
      await page.getByRole('listbox', { name: 'Examples in question' }).focus()
      const decided = async (n: number): Promise<void> => {
        await page.getByText(new RegExp(`Decided ${n} of .* all saved`)).waitFor()
      }
      for (const [n, key] of ['r', 'd', 'k', 'Enter'].entries()) {
        await page.keyboard.press(key)
        await decided(n + 1)
      }
      await page.keyboard.press('Control+z')
      await decided(3)
      await page.keyboard.press('Control+Shift+z')
      await decided(4)
      await look('review')
      const flagged = Number(/of ([\d,]+) flagged/.exec(await progress.innerText())![1]!.replace(',', ''))
      // About 359 labels are wrong; the run must have found most of them and not cried wolf.
      expect(flagged).toBeGreaterThan(300)
      expect(flagged).toBeLessThan(430)
      await pressByKey(/^Relabel these/)
      await page.waitForFunction(() => /Decided \d{3} of .* all saved/.test(document.body.innerText))
      const before = await progress.innerText()
      await page.reload()
      await progress.waitFor()
      expect(await progress.innerText()).toBe(before)
    })

    step('export: written, read back, with a manifest of every change', async () => {
      await pressByKey('Export', 'link')
      await heading('Export the cleaned data').waitFor()
      const out = path.join(window.folder, 'cleaned')
      await page.getByLabel('Folder', { exact: true }).fill(out)
      await page.getByText('Examples written').waitFor()
      await look('export')
      await pressByKey('Write and check')
      await heading(/Written and checked/).waitFor({ timeout: MINUTE })
      await look('export-done')
      expect(existsSync(out)).toBe(true)
      const manifest = JSON.parse(readFileSync(path.join(out, 'manifest.json'), 'utf8')) as {
        changes?: { action: string }[]
      }
      expect(manifest.changes!.filter(({ action }) => action === 'relabel').length).toBeGreaterThan(100)
    })

    step('import: what the assistant believes, then the dataset; removed, and back again', async () => {
      const source = path.join(window.folder, 'two-splits.npz')
      copyFileSync(SAMPLE, source)
      await pressByKey('Datasets', 'link')
      await pressByKey('Import a dataset')
      await page.getByLabel('Or a path on the machine').fill(source)
      await look('import')
      await pressByKey('Look at it')
      const found = page.getByRole('region', { name: 'What was found' })
      await found.waitFor()
      expect(await found.innerText()).toMatch(/1,797[\s\S]*10: 0, 1, 2/)
      await look('import-assistant')
      await pressByKey('Import')
      await heading('two-splits').waitFor()
      await pressByKey('Datasets', 'link')
      await pressByKey('Remove two-splits')
      await page.getByText('two-splits was removed.').waitFor()
      await pressByKey('Undo')
      await button('Remove two-splits').waitFor()
    })

    step('the other pages: datasets, runs, this machine', async () => {
      await look('datasets')
      await pressByKey('Runs', 'link')
      await page.getByRole('heading', { name: 'Runs', exact: true }).waitFor()
      await look('runs')
      await pressByKey('This machine', 'link')
      await heading('This machine').waitFor()
      await page.getByText('Looking at backends').waitFor({ state: 'detached', timeout: MINUTE })
      await look('system')
    })

    step('nothing was complained of in the window', () => {
      expect(faults).toEqual([])
      return Promise.resolve()
    })
  })
}
