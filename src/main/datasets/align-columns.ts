import type { ExampleSelection } from './example-selection'

/**
 * Encode several selections of tables (train, trusted, test) as the first one is: columns by name, its levels, its
 * replacements. What is no table stays as it is. Close the results: they take the originals' place.
 * @throws Failure bad-input naming a column that one of them lacks
 */
export function alignColumns(selections: readonly ExampleSelection[]): ExampleSelection[] {
  const [first] = selections
  return selections.map((selection) =>
    first && selection !== first ? selection.encodedAs(first) : selection
  )
}
