import type { FeatureValue } from '../../shared/contract'
import { Failure } from '../../shared/domain/failure'
import type { ExampleSelection } from '../datasets'

/**
 * The features of one row of a table, by their names; none for images, which speak for themselves.
 * @throws Failure not-found
 */
export function featureValues(selection: ExampleSelection, row: number): FeatureValue[] {
  if (row >= selection.count) {
    throw new Failure('not-found', `There is no example ${row}.`, `Take one below ${selection.count}.`)
  }
  if (selection.shape.length > 1) return []
  const names = selection.metas[0]?.columns
  return Array.from(selection.readRows([row]), (value, i) => ({ name: names?.[i] ?? `feature ${i}`, value }))
}
