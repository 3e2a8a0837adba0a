import type { Person } from './person'

/** A new run of a task on references, filled in by keyboard. */
export async function fillIn(
  person: Person,
  card: RegExp,
  preset: RegExp | undefined,
  data: Readonly<Record<string, string>>
): Promise<void> {
  await person.press('New run', 'link')
  await person.press(card, 'radio')
  for (const [role, reference] of Object.entries(data)) {
    await person.page.getByRole('combobox', { name: role }).fill(reference)
    await person.page.keyboard.press('Escape')
  }
  if (preset) await person.press(preset, 'radio')
}

/** Settings by their titles, among all of them: numbers, and one choice of several. */
export async function set(
  person: Person,
  settings: Readonly<Record<string, number | RegExp>>
): Promise<void> {
  await person.page.getByText('All settings').click()
  for (const [title, value] of Object.entries(settings)) {
    if (value instanceof RegExp) {
      await person.page.getByRole('combobox', { name: title, exact: true }).click()
      await person.page.getByRole('option', { name: value }).click()
      continue
    }
    const field = person.page.getByLabel(title, { exact: true })
    await field.fill(String(value))
    await field.press('Tab')
  }
}
