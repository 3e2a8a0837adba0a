import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { expect } from 'vitest'
import { slowSource } from '../support/slow-source'
import { beginImport } from './begin-import'
import { WORK, describeScene } from './scene'
import type { Person } from './person'
import type { Launch, WorkbenchWindow } from './window'

/** Pictures of an import: seconds of work, so that there is time to leave its page and to load it again. */
const PICTURES = 240
/** Imports that take the two places there are. */
const HERDS = ['first herd', 'second herd']

/** Imports and exports go on when their page is left or loaded again, and are seen from everywhere. */
export function describeJobs(where: string, launch: Launch): void {
  describeScene(`Imports and exports while other pages are looked at, in ${where}`, launch, (step) => {
    step(
      'an import goes on when its page is left and after a reload; its end is told elsewhere',
      async (person, window) => {
        const source = await slowSource(path.join(window.folder, 'animals'), PICTURES)
        // Of another size: the assistant says at which size models get them, and asks for none.
        const odd = { width: 90, height: 60, channels: 3, background: 'teal' } as const
        await sharp({ create: odd })
          .png()
          .toFile(path.join(source, 'cats', 'odd.png'))
        await person.press('Import a dataset')
        await person.page.getByLabel('Or a path on the machine').fill(source)
        await person.press('Look at it')
        await person.page.getByText('Models that learn from pixels get it at').waitFor()
        await person.page.getByLabel('Name in the workspace').fill('animals of the yard')
        // Left and found again as it was.
        await person.press('Runs', 'link')
        await person.page.getByRole('heading', { name: 'Runs', exact: true }).waitFor()
        await person.page.goBack()
        const name = person.page.getByLabel('Name in the workspace')
        await name.waitFor()
        expect(await name.inputValue()).toBe('animals of the yard')
        await expect.poll(() => person.button('Import').isEnabled()).toBe(true)
        await person.press('Import')
        await person.page.getByText('You can leave this page: the import goes on.').waitFor()
        expect(await person.page.getByText('Nothing is written yet').count()).toBe(0)
        await person.page.getByRole('progressbar').first().waitFor()
        await person.look('import-going-on')
        await person.press('Runs', 'link')
        const side = person.region('Imports and exports')
        await side.getByRole('link', { name: 'Importing animals of the yard' }).waitFor()
        await person.page.reload()
        await side.getByRole('link', { name: 'Importing animals of the yard' }).waitFor()
        await side.getByText(/%/).waitFor()
        await person.look('jobs')
        await side.getByRole('link', { name: 'Importing animals of the yard' }).click()
        await person.heading('Importing animals of the yard').waitFor()
        await person.press('This machine', 'link')
        const notice = person.page.getByRole('status').filter({ hasText: 'animals of the yard imported' })
        await notice.waitFor({ timeout: WORK })
        await person.look('job-notice')
        await person.press('Open the dataset')
        await person.heading('animals of the yard').waitFor()
        await person.page.getByText(`${PICTURES + 1} examples`, { exact: true }).waitFor()
        await expect.poll(() => side.count()).toBe(0)
      }
    )

    step(
      'an export waits while two imports are at work; cancelled by its button it leaves nothing',
      async (person, window) => {
        for (const name of HERDS) await leaveImport(person, window, name)
        await exportInto(person, path.join(window.folder, 'cancelled'))
        await person
          .region('Imports and exports')
          .getByRole('button', { name: 'Cancel: Exporting animals of the yard' })
          .click()
        await person.button('Write and check').waitFor()
        const out = path.join(window.folder, 'cancelled')
        expect(existsSync(out)).toBe(false)
        // The choice is still there.
        expect(await person.page.getByLabel('Folder', { exact: true }).inputValue()).toBe(out)
      }
    )

    step(
      'it goes on when its page is left and after a reload; its page shows the result on returning',
      async (person, window) => {
        const out = path.join(window.folder, 'written')
        await exportInto(person, out)
        const page = person.page.url()
        await person.press('Datasets', 'link')
        await person.page.reload()
        // What it has waited for so far is not needed any more.
        const side = person.region('Imports and exports')
        for (const name of HERDS)
          await side.getByRole('button', { name: `Cancel: Importing ${name}` }).click()
        const notice = person.page.getByRole('status').filter({ hasText: 'animals of the yard exported' })
        await notice.waitFor({ timeout: WORK })
        await person.look('export-notice')
        expect(await notice.getByRole('link', { name: 'Download as zip' }).count()).toBe(
          window.downloads ? 1 : 0
        )
        await notice
          .getByRole('article')
          .filter({ hasText: 'animals of the yard exported' })
          .getByRole('button', { name: 'Show the result' })
          .click()
        await person.page.waitForURL(page)
        await person.heading(/Written and checked/).waitFor()
        await notice.waitFor({ state: 'detached' })
        const manifest: unknown = JSON.parse(readFileSync(path.join(out, 'manifest.json'), 'utf8'))
        expect(manifest).toMatchObject({ examples: PICTURES + 1, kept: PICTURES + 1 })
      }
    )
  })
}

/** Begin an import that takes seconds, and leave it at work. */
async function leaveImport(person: Person, window: WorkbenchWindow, name: string): Promise<void> {
  await beginImport(person, await slowSource(path.join(window.folder, name), PICTURES), name)
  await person
    .region('Imports and exports')
    .getByRole('link', { name: `Importing ${name}` })
    .waitFor()
  await person.press('Import another meanwhile')
}

async function exportInto(person: Person, out: string): Promise<void> {
  await person.press('Datasets', 'link')
  await person.press(/^animals of the yard \d/, 'link')
  await person.press('Export')
  await person.heading('Export the dataset').waitFor()
  await person.page.getByLabel('Folder', { exact: true }).fill(out)
  await person.press('Write and check')
  await person.page.getByText('You can leave this page: the export goes on.').waitFor()
}
