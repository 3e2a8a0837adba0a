import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { launchChromium } from './launch-chromium'
import { WORK, describeScene } from './scene'

/** Samples that are made on the spot, by their buttons; the digits are those of the main job. */
const SAMPLES = ['A sample table', 'Sample texts']

for (const sample of SAMPLES) {
  describeScene(`${sample}, from the first click to a cleaned export`, launchChromium, (step) => {
    step('the tour has three steps, and the sample leads to a run that can start', async (person) => {
      for (const next of ['Next', 'Next']) await person.press(next)
      await person.page.getByText('Step 3 of 3').waitFor()
      await person.press(sample)
      await person.press('Find wrong labels')
      await person.heading('New run').waitFor()
      await person.press(/^Quick look/, 'radio')
      const check = person.region('Check before the start')
      await check.getByText(/train.*1,000 examples/).waitFor()
      expect(await check.getByRole('alert').count()).toBe(0)
      await person.press('Start')
      await person.button('Review the suspicious ones').waitFor({ timeout: WORK })
    })

    step('its rows are judged by what they say, and the cleaned copy is written', async (person, window) => {
      await person.press('Review the suspicious ones')
      await person.page.getByText(/Decided 0 of \d+ flagged/).waitFor()
      const nearest = person.region('Nearest trusted examples')
      await nearest.getByRole('listitem').first().waitFor()
      expect(await nearest.getByRole('img').count()).toBe(0)
      await person.look(sample.replaceAll(' ', '-').toLowerCase())
      await person.page.getByRole('listbox', { name: 'Examples in question' }).focus()
      await person.page.keyboard.press('r')
      await person.page.getByText(/Decided 1 of .* all saved/).waitFor()
      await person.press('Export', 'link')
      const out = path.join(window.folder, 'cleaned')
      await person.page.getByLabel('Folder', { exact: true }).fill(out)
      await person.page.getByText('Examples written').waitFor()
      await person.press('Write and check')
      await person.heading(/Written and checked/).waitFor({ timeout: WORK })
      const manifest = JSON.parse(readFileSync(path.join(out, 'manifest.json'), 'utf8')) as {
        changes: { action: string }[]
      }
      expect(manifest.changes.filter(({ action }) => action === 'relabel')).toHaveLength(1)
    })
  })
}
