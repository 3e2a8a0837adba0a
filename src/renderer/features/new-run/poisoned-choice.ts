import type { DatasetMeta } from '@shared/domain/dataset'
import { parseReference } from '@shared/domain/reference'

/** Names of the poisoned datasets that a reference takes examples from; what is being typed names none. */
export function poisonedIn(reference: string, datasets: readonly DatasetMeta[]): string[] {
  const poisoned = new Set(datasets.filter((meta) => meta.poisoned).flatMap(({ id, name }) => [id, name]))
  if (poisoned.size === 0) return []
  try {
    return [...new Set(parseReference(reference).map(({ source }) => source))].filter((source) =>
      poisoned.has(source)
    )
  } catch {
    return []
  }
}
