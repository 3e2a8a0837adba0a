import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { set } from './run-form'
import { WORK, describeScene } from './scene'
import type { Launch } from './window'

const SAMPLE = path.resolve(import.meta.dirname, '../../resources/samples/digits/digits.npz')

/**
 * The whole main job on the bundled sample: find the sample, trust, run, watch, review, export. Training is real.
 * @param engine the run has to say that it trained on this one
 * @param isShort a linear classifier learns, in a quarter of the time, and the scene is otherwise the same
 */
export function describeMainJob(
  where: string,
  launch: Launch,
  { engine, isShort = false }: { engine?: 'native'; isShort?: boolean } = {}
): void {
  describeScene(`The main job in ${where}`, launch, (step) => {
    step('a first look says what to do, and offers the sample', async (person) => {
      // Here things move as they do for most people.
      await person.page.emulateMedia({ reducedMotion: 'no-preference' })
      await person.heading('Find out which labels you can trust').waitFor()
      await person.look('datasets-empty')
      await person.press('Try the sample digits')
      await person.heading('digits-with-wrong-labels').waitFor()
      await person.page.getByText('truth is known').waitFor()
      await person.page.waitForFunction(() => document.querySelectorAll('[role="option"]').length > 20)
    })

    step('the grid: filters, the example in large, trust by key', async (person) => {
      await person.look('dataset')
      await person.choose('Split', /^train/)
      await person.page.getByText('1,197 examples', { exact: true }).waitFor()
      await person.choose('Label state', /^Wrong label/)
      const words = await person.page
        .getByText(/^\s*\d+ examples/)
        .first()
        .innerText()
      // 30 % of 1,197, chosen by one draw each.
      expect(Math.abs(Number.parseInt(words, 10) - 359)).toBeLessThanOrEqual(1)
      await person.page.getByRole('listbox', { name: 'Examples' }).focus()
      await person.page.keyboard.press('ArrowRight')
      await person.page.keyboard.press('Enter')
      const viewer = person.page.getByRole('dialog')
      await viewer.waitFor()
      await person.look('example')
      await person.page.keyboard.press('Escape')
      await viewer.waitFor({ state: 'hidden' })
    })

    step(
      'trust: a queue with keys, corrected and undone; then a split that is known to be right',
      async (person) => {
        await person.press('Mark trusted examples')
        await person.heading('What do you trust?').waitFor()
        // The sample comes with a checked split; here each is looked at.
        await person.heading('200 trusted examples').waitFor()
        await person.page.getByText('I look at examples one by one').click()
        await person.heading(/^Is this/).waitFor()
        await person.page.keyboard.press('Enter')
        await person.heading('1 trusted example').waitFor()
        await person.page.keyboard.press('7')
        await person.heading('2 trusted examples').waitFor()
        await person.page.keyboard.press('u')
        await person.heading('1 trusted example').waitFor()
        for (let more = 2; more <= 12; more++) {
          await person.page.keyboard.press('Enter')
          await person.heading(`${more} trusted examples`).waitFor()
        }
        await person.look('trust')
        await person.page.getByText('A part of my data is known to be right').click()
        await person.choose('Trusted split or dataset', /checked/)
        await person.heading('200 trusted examples').waitFor()
        await person.press('Find wrong labels')
      }
    )

    step('a new run: the data is filled in, the check says what it takes', async (person) => {
      await person.heading('New run').waitFor()
      await person.page.getByText(/1,197/).first().waitFor()
      expect(await person.page.getByRole('combobox', { name: 'Training data' }).inputValue()).toContain(
        'digits-with-wrong-labels'
      )
      await person.press(/Balanced/, 'radio')
      await person.look('new-run')
      if (isShort) await set(person, { Epochs: 100, Model: /^logistic/ })
      await person.button('Start').click()
      await person.page.getByRole('region', { name: 'What the run is doing' }).waitFor()
    })

    step('live: charts and words while it learns; then what it found', async (person) => {
      await person.page.locator('canvas').nth(2).waitFor()
      expect(await person.seesStillness()).toBe(true)
      await person.look('run-live')
      await person.button('Review the suspicious ones').waitFor({ timeout: WORK })
      const result = person.region('Result')
      await result.waitFor()
      if (engine) expect(await result.innerText()).toContain(`MiB, on ${engine} `)
      await person.look('run-result')
    })

    step('review by keyboard: keep, drop, relabel, undo; many at once; nothing is lost', async (person) => {
      await person.press('Review the suspicious ones')
      const progress = person.page.getByText(/Decided \d+ of [\d,]+ flagged/)
      await progress.waitFor()
      await person.page.getByRole('listbox', { name: 'Examples in question' }).focus()
      const decided = async (n: number): Promise<void> => {
        await person.page.getByText(new RegExp(`Decided ${n} of .* all saved`)).waitFor()
      }
      for (const [n, key] of ['r', 'd', 'k', 'Enter'].entries()) {
        await person.page.keyboard.press(key)
        await decided(n + 1)
      }
      await person.page.keyboard.press('Control+z')
      await decided(3)
      await person.page.keyboard.press('Control+Shift+z')
      await decided(4)
      await person.look('review')
      const flagged = Number(/of ([\d,]+) flagged/.exec(await progress.innerText())![1]!.replace(',', ''))
      // About 359 labels are wrong; the run must have found most of them and not cried wolf.
      expect(flagged).toBeGreaterThan(300)
      expect(flagged).toBeLessThan(430)
      await person.press(/^Relabel these/)
      await person.page.waitForFunction(() => /Decided \d{3} of .* all saved/.test(document.body.innerText))
      const before = await progress.innerText()
      await person.page.reload()
      await progress.waitFor()
      expect(await progress.innerText()).toBe(before)
    })

    step('export: written, read back, with a manifest of every change', async (person, window) => {
      await person.press('Export', 'link')
      await person.heading('Export the cleaned data').waitFor()
      const out = path.join(window.folder, 'cleaned')
      await person.page.getByLabel('Folder', { exact: true }).fill(out)
      await person.page.getByText('Examples written').waitFor()
      await person.look('export')
      await person.press('Write and check')
      await person.heading(/Written and checked/).waitFor({ timeout: WORK })
      await person.look('export-done')
      expect(existsSync(out)).toBe(true)
      const manifest = JSON.parse(readFileSync(path.join(out, 'manifest.json'), 'utf8')) as {
        changes?: { action: string }[]
      }
      expect(manifest.changes!.filter(({ action }) => action === 'relabel').length).toBeGreaterThan(100)
    })

    step(
      'import: what the assistant believes, then the dataset; removed, and back again',
      async (person, window) => {
        const source = path.join(window.folder, 'two-splits.npz')
        copyFileSync(SAMPLE, source)
        await person.press('Datasets', 'link')
        await person.press('Import a dataset')
        await person.page.getByLabel('Or a path on the machine').fill(source)
        await person.look('import')
        await person.press('Look at it')
        const found = person.page.getByRole('region', { name: 'What was found' })
        await found.waitFor()
        expect(await found.innerText()).toMatch(/1,797[\s\S]*10: 0, 1, 2/)
        await person.look('import-assistant')
        await person.press('Import')
        await person.heading('two-splits').waitFor()
        await person.press('Datasets', 'link')
        await person.press('Remove two-splits')
        await person.page.getByText('two-splits was removed.').waitFor()
        await person.press('Undo: two-splits')
        await person.button('Remove two-splits').waitFor()
      }
    )

    step('the other pages: datasets, runs, this machine', async (person) => {
      await person.look('datasets')
      await person.press('Runs', 'link')
      await person.page.getByRole('heading', { name: 'Runs', exact: true }).waitFor()
      await person.look('runs')
      await person.press('This machine', 'link')
      await person.heading('This machine').waitFor()
      await person.page.getByText('Looking at backends').waitFor({ state: 'detached' })
      await person.look('system')
    })
  })
}
