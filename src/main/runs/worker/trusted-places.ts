import type { DenoisingMetrics } from '../../../shared/domain/denoising-metrics'
import { markedIn } from '../../datasets'
import type { ExampleSelection } from '../../datasets'
import { rowsInAll } from './without-left-out'

type Found = Pick<DenoisingMetrics, 'trustedWrong'>

/** Where trusted examples that look wrong are found: dataset and row, of marks those of the dataset that is marked. */
export function withPlaces({ trustedWrong }: Found, trusted: ExampleSelection | undefined): Found {
  if (!trustedWrong || !trusted) return {}
  const places = Array.from(rowsInAll(trusted, Int32Array.from(trustedWrong.first)), (row) =>
    placeOf(trusted, row)
  )
  return { trustedWrong: { ...trustedWrong, places } }
}

function placeOf({ ranges }: ExampleSelection, row: number): { dataset: string; row: number } {
  let start = 0
  for (const { meta, from, to } of ranges) {
    const within = from + row - start
    if (within < to) {
      const marked = markedIn(meta)
      return marked
        ? { dataset: marked.meta.name, row: marked.rows[within]! }
        : { dataset: meta.name, row: within }
    }
    start += to - from
  }
  throw new RangeError(`There is no row ${row} among ${start}.`)
}
