import { implement } from '@orpc/server'
import { tables } from '../../shared/contract/tables'
import { badInput } from '../../shared/domain/failure'
import {
  cellsOfRows,
  headsOf,
  judgedCells,
  linesOf,
  rowsInOrder,
  rowsWith,
  selectedRowsWith
} from '../datasets'
import type { ExampleSelection } from '../datasets'
import type { ApiContext } from './context'
import { tellingWords } from './telling-words'

const os = implement(tables).$context<ApiContext>()

export const tableProcedures = os.router({
  heads: os.heads.handler(({ context, input }) => headsOf(context.datasets.get(input.dataset))),
  cells: os.cells.handler(({ context, input: { dataset, rows, columns } }) =>
    cellsOfRows(context.datasets.get(dataset), rows, columns)
  ),
  order: os.order.handler(({ context, input: { dataset, column, descending = false } }) =>
    rowsInOrder(context.datasets.get(dataset), column, descending)
  ),
  find: os.find.handler(({ context, input: { dataset, text } }) =>
    rowsWith(context.datasets.get(dataset), text)
  ),
  findInRun: os.findInRun.handler(async ({ context, input: { run, role, text } }) =>
    selectedRowsWith(await context.selectionOf(run, role), text)
  ),
  lines: os.lines.handler(async ({ context, input: { run, role, rows } }) => {
    const selection = await context.selectionOf(run, role)
    for (const row of rows) requireRow(row, selection)
    return linesOf(selection, rows)
  }),
  judged: os.judged.handler(async ({ context, input: { run, row, given, suggested } }) => {
    const selection = await context.selectionOf(run, 'train')
    requireRow(row, selection)
    return judgedCells(selection, row, { given, suggested })
  }),
  tellingWords: os.tellingWords.handler(async ({ context, input: { run, row, given, suggested } }) => {
    const selection = await context.selectionOf(run, 'train')
    requireRow(row, selection)
    return tellingWords(selection, row, { given, suggested })
  })
})

function requireRow(row: number, { count }: ExampleSelection): void {
  if (row >= count) throw badInput(`There is no example ${row}: there are ${count}.`, 'Count from 0.')
}
