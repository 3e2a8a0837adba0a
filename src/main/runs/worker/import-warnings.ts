import { referenceWarnings } from '../../datasets'
import type { ExampleSelection } from '../../datasets'

/** What the imports of a run's data warned of, a sentence once however many roles share the data. */
export function importWarnings(selections: Readonly<Record<string, ExampleSelection>>): string[] {
  return [...new Set(Object.values(selections).flatMap(referenceWarnings))]
}
