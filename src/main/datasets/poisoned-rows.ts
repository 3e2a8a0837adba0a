import type { ExampleSelection } from './example-selection'
import { manifestOf } from './poisoned-manifest'

/**
 * Rows of a selection that a manifest says were added as poisons; undefined where no part has a manifest that
 * names rows. A solver never sees them: they score a defence and undo an attack.
 */
export function poisonRows(selection: ExampleSelection): Int32Array | undefined {
  const rows: number[] = []
  let known = false
  let start = 0
  for (const { meta, from, to } of selection.ranges) {
    const named = meta.poisoned ? manifestOf(meta.source)?.['rowsToRemove'] : undefined
    if (Array.isArray(named)) {
      known = true
      for (const row of named) {
        if (Number.isInteger(row) && row >= from && row < to) rows.push(start + (row as number) - from)
      }
    }
    start += to - from
  }
  return known ? Int32Array.from(rows).sort() : undefined
}
