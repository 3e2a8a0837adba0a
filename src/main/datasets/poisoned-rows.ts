import { badInput } from '../../shared/domain/failure'
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

/**
 * The rows that are no poisons: what is left when an attack is undone.
 * @throws Failure bad-input when nothing says which rows to remove
 */
export function rowsWithoutPoisons(selection: ExampleSelection): Int32Array {
  const poisons = poisonRows(selection)
  if (!poisons) {
    throw badInput(
      `No manifest.json names the poisons of ${selection.reference}.`,
      'Name a folder poisoned/ of an attack, with its manifest.json in or beside it.'
    )
  }
  const removed = new Set(poisons)
  return Int32Array.from({ length: selection.count }, (_, row) => row).filter((row) => !removed.has(row))
}

/** Whether a selection may hold poisons: a manifest says so, and does not show that none are among its rows. */
export function mayHoldPoisons(selection: ExampleSelection): boolean {
  return selection.poisoned && poisonRows(selection)?.length !== 0
}
