import { commonClasses } from './class-agreement'
import type { ExampleSelection } from './example-selection'

/**
 * Give several selections (train, trusted, test) one list of classes. A selection may lack some of them.
 * Close the results or the originals, not both: they share their files.
 * @throws Failure bad-input naming two that disagree
 */
export function alignClasses(selections: readonly ExampleSelection[]): ExampleSelection[] {
  const classNames = commonClasses(
    selections.map(({ reference, classNames: names }) => ({ name: reference, classNames: names }))
  )
  return selections.map((selection) =>
    selection.classNames.length === classNames.length &&
    selection.classNames.every((name, i) => name === classNames[i])
      ? selection
      : selection.withClasses(classNames)
  )
}
