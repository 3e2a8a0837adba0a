import { constantColumns } from '../shared/standardised-features'
import type { FeatureScale } from '../shared/standardised-features'

/** What a reader should know of columns that say nothing. */
export function constantAdvice(scale: FeatureScale | undefined): string[] {
  const constant = scale ? constantColumns(scale) : 0
  if (constant === 0) return []
  const columns = constant === 1 ? '1 column holds' : `${constant} columns hold`
  return [`${columns} the same value in every example and ${constant === 1 ? 'is' : 'are'} left out.`]
}
