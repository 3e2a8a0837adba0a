import { shallowReactive } from 'vue'
import { client } from '@renderer/client'

/** Rows asked for at once. */
const PAGE = 100
/** Rows kept; the ones loaded first go first. */
const MOST_ROWS = 5000

/** Cells of a dataset's rows in some columns, fetched as they come into view. */
export function useTableCells(dataset: string) {
  const cells = shallowReactive(new Map<number, readonly string[]>())
  const asked = new Set<number>()
  let columns: readonly number[] = []
  let generation = 0

  /** Show other columns: what was read is forgotten. */
  function show(wanted: readonly number[]): void {
    columns = wanted
    generation++
    asked.clear()
    cells.clear()
  }

  /** Ask for rows that are in view. */
  function want(rows: readonly number[]): void {
    const missing = rows.filter((row) => !cells.has(row) && !asked.has(row))
    for (let from = 0; from < missing.length; from += PAGE) void load(missing.slice(from, from + PAGE))
  }

  async function load(rows: number[]): Promise<void> {
    const mine = generation
    for (const row of rows) asked.add(row)
    try {
      const found = await client.tables.cells({ dataset, rows, columns: [...columns] })
      if (mine !== generation) return
      rows.forEach((row, i) => cells.set(row, found[i]!))
      for (const row of cells.keys()) {
        if (cells.size <= MOST_ROWS) break
        cells.delete(row)
      }
    } catch {
      // They are asked for again when they are next in view.
    } finally {
      if (mine === generation) for (const row of rows) asked.delete(row)
    }
  }

  return { cells, show, want }
}
