import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { LcgStream } from '../support/lcg-stream'
import { launchChromium } from './launch-chromium'
import { WORK, describeScene } from './scene'

const ROWS = 240

/** Two kinds of flowers that their measures tell apart, every twelfth label wrong; a category with empty cells. */
function flowers(file: string): string {
  const lines = Array.from({ length: ROWS }, (_, row) => {
    const kind = row % 2
    const sizes = Array.from(new LcgStream(row + 1).take(2), (value) => (4 * kind + 2 * value).toFixed(2))
    const place = row % 7 === 0 ? '' : ['meadow', 'wood', 'shore'][row % 3]
    return [...sizes, place, ['aster', 'bellflower'][row % 12 === 0 ? 1 - kind : kind]].join(',')
  })
  writeFileSync(file, ['petal,sepal,place,flower', ...lines, ''].join('\n'))
  return file
}

describeScene('From a table to a report, with the keys alone', launchChromium, (step) => {
  step('import: the path is typed, the label column chosen', async (person, window) => {
    await window.page.evaluate(() => {
      Object.assign(globalThis, { pointed: 0 })
      addEventListener('pointerdown', () => (globalThis as unknown as { pointed: number }).pointed++, true)
    })
    await person.press('Import a dataset')
    await person.type(/^Or a path on the machine/, flowers(path.join(window.folder, 'flowers.csv')))
    await person.press('Look at it')
    await person.region('What was found').waitFor()
    await person.choose('Label column', /^flower$/)
    await expect.poll(() => person.button('Import').isEnabled()).toBe(true)
    await person.press('Import')
    await person.heading('flowers').waitFor({ timeout: WORK })
  })

  step('the table: a column sorts, rows are selected', async (person) => {
    const { page } = person
    const rows = page.getByRole('grid', { name: 'Rows' })
    await person.press(/^petal/)
    await rows
      .getByRole('columnheader', { name: /^petal/ })
      .and(page.locator('[aria-sort=ascending]'))
      .waitFor()
    await person.tabTo(rows)
    await page.keyboard.press('Space')
    for (let more = 1; more < 4; more++) await page.keyboard.press('Shift+ArrowDown')
    await page
      .getByText(/4 selected/)
      .first()
      .waitFor()
  })

  step('trust, and a run', async (person) => {
    const { page } = person
    await person.press('Mark trusted examples')
    await person.heading(/^Is this/).waitFor()
    await person.tabTo(person.button(/^Yes/))
    for (let marked = 1; marked <= 20; marked++) {
      await page.keyboard.press('Enter')
      await person.heading(`${marked} trusted example${marked === 1 ? '' : 's'}`).waitFor()
    }
    await person.press('Find wrong labels')
    await person.heading('New run').waitFor()
    await person.press(/^Quick look/, 'radio')
    await expect.poll(() => person.button('Start').isEnabled()).toBe(true)
    await person.press('Start')
    await person.button('Review the suspicious ones').waitFor({ timeout: WORK })
  })

  step('review, export, report', async (person, window) => {
    const { page } = person
    await person.press('Review the suspicious ones')
    await person.tabTo(page.getByRole('listbox', { name: 'Examples in question' }))
    for (const [n, key] of ['r', 'd', 'k'].entries()) {
      await page.keyboard.press(key)
      await page.getByText(new RegExp(`Decided ${n + 1} of .* all saved`)).waitFor()
    }
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await person.press('Export', 'link')
    const out = path.join(window.folder, 'cleaned')
    await person.type('Folder', out)
    await page.getByText('Examples written').waitFor()
    await person.press('Write and check')
    await person.heading(/Written and checked/).waitFor({ timeout: WORK })
    expect(existsSync(path.join(out, 'manifest.json'))).toBe(true)
    const [report] = await Promise.all([page.waitForEvent('download'), person.press('Save the report')])
    expect(readFileSync(await report.path(), 'utf8')).toContain('flowers')
    expect(await page.evaluate(() => (globalThis as unknown as { pointed: number }).pointed)).toBe(0)
  })
})
