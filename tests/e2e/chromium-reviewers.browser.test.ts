import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatasetStore } from '@main/datasets'
import { openWorkspace } from '@main/runs'
import { seededRun } from '@support/seeded-run'
import { expect } from 'vitest'
import { launchChromium } from './launch-chromium'
import { Person } from './person'
import { describeScene } from './scene'
import type { Launch } from './window'

const COUNT = 60
const rows = Array.from({ length: COUNT }, (_, row) => row)

/** A workspace with a run to review, of which every other row is flagged, in a Chromium. */
const launch: Launch = async (folder) => {
  const workspace = openWorkspace(folder)
  const datasets = new DatasetStore(workspace.datasetsDir, workspace.trust)
  const file = path.join(path.dirname(folder), 'numbers.csv')
  writeFileSync(file, ['x,answer', ...rows.map((row) => `${(row * 37) % 11},${row % 3}`), ''].join('\n'))
  const { id } = await datasets.importFrom(file, { labelColumn: 'answer' })
  const findings = rows.map((row) => ({ given: `${row % 3}`, predicted: '1', flagged: row % 2 === 0 }))
  await seededRun({ workspace, datasets }, id, findings)
  workspace.close()
  return launchChromium(folder)
}

/** To the review of the only run, as whoever is asked for a name there. */
async function beginReview(person: Person, name: string): Promise<void> {
  await person.press('Runs', 'link')
  await person.press(/^Find wrong labels/, 'link')
  await person.page.waitForURL(/runs\/[\w-]+$/)
  // Nobody trained this run: its page has no result to come from.
  await person.page.evaluate(() => (location.hash += '/review'))
  await person.page.getByLabel('Your name, so that others see who decided').fill(name)
  await person.press('Save')
  await person.page.getByText(`You decide as ${name}.`).waitFor()
  await person.page.getByRole('listbox', { name: 'Examples in question' }).focus()
}

async function judge(person: Person, keys: string): Promise<void> {
  for (const key of keys) await person.page.keyboard.press(key)
  await person.page.getByText('all saved').waitFor()
}

describeScene('Two people review one run, each in a browser of their own', launch, (step) => {
  let ada: Person
  let ben: Person
  const panel = (person: Person) => person.page.getByRole('group', { name: 'Reviewers' })

  step('each is asked for a name, and sees who else judges', async (person, window) => {
    ada = person
    ben = new Person(await window.another!())
    await beginReview(ada, 'Ada')
    await beginReview(ben, 'Ben')
    await judge(ada, 'kdkdk')
    await panel(ben).getByRole('row', { name: 'Ada 5' }).waitFor()
  })

  step(
    'unseen, Ben judges the same ones; what they disagree about is listed with what each said',
    async () => {
      await panel(ben)
        .getByLabel(/^Judge unseen/)
        .click()
      const list = ben.page.getByRole('listbox', { name: 'Examples in question' })
      await list.focus()
      await ben.page.keyboard.press('Home')
      await judge(ben, 'kkkdd')
      await panel(ben).getByText('Ada and Ben say the same of 3 of 5').waitFor()
      expect(await list.innerText()).not.toContain('Ada')
      await panel(ben)
        .getByLabel(/^Judge unseen/)
        .click()
      await panel(ben).getByRole('button', { name: '2 examples disputed' }).click()
      await list.getByText('Ada: drop; Ben: keep').waitFor()
      await list.getByText('Ada: keep; Ben: drop').waitFor()
      expect(await list.getByRole('option').count()).toBe(2)
      await ben.look('reviewers')
    }
  )

  step('who sees both settles it: for everybody, at once', async () => {
    await ben.page.getByRole('listbox', { name: 'Examples in question' }).focus()
    await judge(ben, 'd')
    await panel(ben).getByRole('button', { name: '1 example disputed' }).waitFor()
    await panel(ada).getByRole('button', { name: '1 example disputed' }).waitFor()
  })

  step('parts of the rest are given to each, some the same; agreement has its interval', async () => {
    await panel(ada).getByText('Share the work').click()
    await panel(ada).getByLabel('Names, parted by commas').fill('Ada, Ben')
    for (const [field, value] of [
      ['Examples for each', 20],
      ['Of these, the same for all', 20]
    ] as const) {
      await panel(ada).getByLabel(field).fill(`${value}`)
      await ada.page.keyboard.press('Tab')
    }
    await panel(ada).getByRole('button', { name: 'Give these parts' }).click()
    await panel(ada).getByText('Given: 20 to Ada, 20 to Ben.').waitFor()
    await panel(ben).getByRole('row', { name: 'Ben 5 0 of 20' }).waitFor()
    await panel(ben)
      .getByLabel(/^Judge unseen/)
      .click()
    for (const person of [ada, ben]) {
      await panel(person).getByRole('button', { name: 'Show my part' }).click()
      await person.page.getByText('20 examples', { exact: true }).waitFor()
      await person.page.getByRole('listbox', { name: 'Examples in question' }).focus()
      await judge(person, 'kd'.repeat(10))
    }
    await panel(ada)
      .getByText(/Ada and Ben say the same of 23 of 25: Cohen's kappa 0\.84 \(95 % interval/)
      .waitFor()
    await panel(ada).getByRole('row', { name: 'Ben 25 20 of 20' }).waitFor()
    await ada.look('reviewers-parts')
  })
})
