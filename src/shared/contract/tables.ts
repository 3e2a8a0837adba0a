import * as z from 'zod'
import { judgedCell, tableHead, tellingWord } from '../domain/table-view'
import { procedure } from './base'

const byDataset = z.object({ dataset: z.string() })
const byRun = z.object({ run: z.string(), role: z.enum(['train', 'trusted', 'validation', 'test']) })
const betweenClasses = z.object({
  run: z.string(),
  row: z.int().nonnegative(),
  given: z.int().nonnegative(),
  suggested: z.int().nonnegative()
})
const rows = z.array(z.int().nonnegative()).max(500)
/** Looking at each of a hundred thousand would keep everybody else waiting. */
const manyRows = z.custom<number[]>(Array.isArray)

/** Tables and texts as their owners know them: cells, not features. */
export const tables = {
  /** The columns with their distributions, the first 1,000; empty for data that are no table. */
  heads: procedure.input(byDataset).output(z.array(tableHead)),
  /** Cells of some rows in some columns (by their place among the heads), as they stand in the table. */
  cells: procedure
    .input(byDataset.extend({ rows, columns: z.array(z.int().nonnegative()).max(200) }))
    .output(z.array(z.array(z.string()))),
  /** All rows in the order of a column, empty cells last. */
  order: procedure
    .input(byDataset.extend({ column: z.int().nonnegative(), descending: z.boolean().default(false) }))
    .output(manyRows),
  /** Rows with a cell that holds the text, whatever its case. */
  find: procedure.input(byDataset.extend({ text: z.string().min(1) })).output(manyRows),
  findInRun: procedure.input(byRun.extend({ text: z.string().min(1) })).output(manyRows),
  /** Rows of a run's data in a line each: the text, or the first cells. */
  lines: procedure.input(byRun.extend({ rows })).output(z.array(z.string())),
  /** The cells of a training example beside those of a class, and of another one. */
  judged: procedure.input(betweenClasses).output(z.array(judgedCell)),
  /** The words of a training example's text that set two classes apart most; none of data without texts. */
  tellingWords: procedure.input(betweenClasses).output(z.array(tellingWord))
}
