import { expect } from 'vitest'
import type { Person } from './person'

/** Import a folder of pictures under a name, from wherever the window is: at work when this is done. */
export async function beginImport(person: Person, source: string, name: string): Promise<void> {
  await person.press('Datasets', 'link')
  await person.press('Import a dataset')
  await person.page.getByLabel('Or a path on the machine').fill(source)
  await person.press('Look at it')
  await person.page.getByLabel('Name in the workspace').fill(name)
  await expect.poll(() => person.button('Import').isEnabled()).toBe(true)
  await person.press('Import')
}
