/** How the window's forms call the fields of a spec: one place, for the forms and for the sentences that name them. */

/** The data of a run, by role. */
export const ROLE_TITLES = {
  train: 'Training data',
  trusted: 'Trusted examples',
  validation: 'Validation data',
  test: 'Test data'
} as const
export type RoleField = keyof typeof ROLE_TITLES

/** A field's name as words: batchSize -> "Batch size". */
export function fieldTitle(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z0-9])/g, '$1 $2')
    .toLowerCase()
    .replace(/^lr /, 'learning rate, ')
    // A norm, not a word.
    .replace(/\bl ?2\b/, 'L2')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
