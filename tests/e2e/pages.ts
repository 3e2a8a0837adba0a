import { copyFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { expect } from 'vitest'
import { pictureExtractor } from '../support/extractors'
import { LcgStream } from '../support/lcg-stream'
import { beginImport } from './begin-import'
import { WORK, describeScene } from './scene'
import type { Launch } from './window'

const CLASSES = { cats: [200, 120, 60], dogs: [60, 110, 200] }
/** Pictures of each class, by split. */
const SPLITS = { train: 24, checked: 8 }
/** With the copy. */
const PICTURES = 2 * (SPLITS.train + SPLITS.checked) + 1
const WIDTH = 90
const HEIGHT = 60

/** Photographs of two classes in two splits, no two alike, and one that was copied into the other split. */
async function photographs(folder: string): Promise<string> {
  const grain = new LcgStream(7)
  const file = (split: string, label: string, name: string | number): string =>
    path.join(folder, split, label, `${name}.png`)
  for (const [split, count] of Object.entries(SPLITS)) {
    for (const [label, colour] of Object.entries(CLASSES)) {
      mkdirSync(path.join(folder, split, label), { recursive: true })
      for (let i = 0; i < count; i++) {
        const pixels = Uint8Array.from(
          grain.take(WIDTH * HEIGHT * colour.length),
          (value, at) => colour[at % colour.length]! + 100 * value
        )
        await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } }).toFile(
          file(split, label, i)
        )
      }
    }
  }
  copyFileSync(file('train', 'cats', 0), file('checked', 'cats', 'copy'))
  return folder
}

/**
 * What the main job does not come by, on photographs: problems, map, health, a run on features, the bin, about. The survey,
 * the extraction and the training are real processes.
 */
export function describePages(where: string, launch: Launch): void {
  describeScene(`The pages around the main job in ${where}`, launch, (step) => {
    step(
      'problems: a copy across splits is found, left out by key and taken back',
      async (person, window) => {
        await beginImport(person, await photographs(path.join(window.folder, 'pets')), 'pets')
        await person.heading('pets').waitFor({ timeout: WORK })
        await person.press('Problems', 'link')
        await person.press('Look through all examples')
        const kinds = person.page.getByRole('navigation', { name: 'Kinds of problems' })
        await kinds.waitFor({ timeout: WORK })
        await person.press(/^In two splits/)
        await person.region('Examples').getByRole('option').first().waitFor()
        await person.look('problems')
        const leftOut = (count: string): Promise<void> =>
          person.page.getByText(`${count} left out of exports`).waitFor()
        await person.page.keyboard.press('d')
        await leftOut('1 example')
        await person.page.keyboard.press('u')
        await leftOut('0 examples')
      }
    )

    step('the map of the same survey, and the health of the dataset', async (person) => {
      await person.press('Map', 'link')
      const map = person.region('Map')
      await map.locator('canvas').waitFor()
      await person.look('map')
      // What a lasso does, by keys: come near, take all in sight.
      const points = map.getByRole('application')
      await points.focus()
      await person.page.keyboard.press('a')
      const selected = person.region('Selected')
      await selected.getByText(`${PICTURES} examples`, { exact: true }).waitFor()
      await person.page.keyboard.press('d')
      const undo = selected.getByRole('button', { name: 'Undo', exact: true })
      await undo.waitFor()
      await person.page.keyboard.press('u')
      await undo.waitFor({ state: 'hidden' })
      for (let nearer = 0; nearer < 4; nearer++) await person.page.keyboard.press('+')
      await person.page.keyboard.press('a')
      await selected.getByText(`${PICTURES} examples`, { exact: true }).waitFor({ state: 'hidden' })
      await person.page.keyboard.press('Escape')
      await selected.waitFor({ state: 'hidden' })
      await person.press('Health', 'link')
      await person.page.getByText('Problems').nth(1).waitFor()
      await person.look('health')
      await person.press('Versions', 'link')
      await person.heading('No other versions yet').waitFor()
      await person.look('versions')
    })

    step(
      'pages that are changed faster than they come in leave nothing behind that fails',
      async (person) => {
        const { page } = person
        // Pressed from the script: a pointer is slower. What fails is told to the console, at which the end of the scene looks.
        const rush = (names: readonly string[]): Promise<void> =>
          page.evaluate(async (links) => {
            for (let press = 0; press < 6 * links.length; press++) {
              const name = links[press % links.length]
              const link = [...document.querySelectorAll('a')].find((one) => one.textContent?.trim() === name)
              link?.click()
              await new Promise((resolve) => setTimeout(resolve, 10 * (press % 4)))
            }
          }, names)
        await rush(['New run', 'Runs', 'Bin', 'This machine', 'About', 'Datasets'])
        await person.press(/^pets \d/, 'link')
        await page.getByRole('listbox', { name: 'Examples' }).waitFor()
        await rush(['Map', 'Problems', 'Health', 'Versions', 'Examples'])
        const examples = page.getByRole('listbox', { name: 'Examples' })
        await examples.waitFor()
        await examples.focus()
        await page.keyboard.press('Space')
        await page.keyboard.press('Shift+ArrowRight')
        await page.getByText('2 selected').waitFor()
        await person.press('Clear')
      }
    )

    step('lists that open: nothing wrong in them, and the keys move them', async (person) => {
      const { page } = person
      const classes = page.getByRole('combobox', { name: /class/i })
      await classes.first().click()
      await page.getByRole('option', { name: 'cats', exact: true }).waitFor()
      await person.look('open-list')
      await page.keyboard.press('Escape')
      await person.press('New run', 'link')
      await page.getByRole('button', { name: /Training data/ }).click()
      await page.getByRole('option').first().waitFor()
      await person.look('open-list-of-data')
      await page.keyboard.press('Escape')
      await person.press('Datasets', 'link')
      await person.press(/^pets \d/, 'link')
      await page.getByRole('listbox', { name: 'Examples' }).waitFor()
    })

    step('an extractor of this machine, and a run on its features', async (person, window) => {
      await person.press('This machine', 'link')
      const extractors = person.region('Extractors')
      await extractors
        .getByLabel('Folder of an extractor')
        .fill(pictureExtractor(path.join(window.folder, 'mean-colours')))
      await person.press('Add a folder')
      await extractors.getByText('mean-colours', { exact: true }).waitFor()
      await person.press('Go on with the new run', 'link')
      // The dataset at hand and, since it has photographs, the extractor: a first look, for nothing is marked.
      const field = (name: RegExp) => person.page.getByRole('combobox', { name })
      await expect.poll(() => field(/^Features/).inputValue()).toBe('mean-colours')
      expect(await field(/^Training data/).inputValue()).toBe('pets#train')
      await person.page.getByLabel('None: a first look').click()
      await field(/^Trusted examples/).fill('pets#checked')
      await person.page.keyboard.press('Escape')
      await person.press('Start')
      await person.region('Result').waitFor({ timeout: WORK })
      expect(await person.page.locator('main').innerText()).toContain('on features: mean-colours')
      await person.look('run-on-features')
    })

    step('what was removed lies in the bin; about says what is shipped', async (person) => {
      await person.press('Datasets', 'link')
      await person.press('Remove pets')
      await person.press('Remove all the same')
      await person.page.getByText('pets was removed.').waitFor()
      await person.press('Bin', 'link')
      await person.page.getByText('pets').first().waitFor()
      await person.look('bin')
      await person.press('About', 'link')
      await person.heading('About').waitFor()
      await person.look('about')
    })
  })
}
