import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import type { SourceCodec } from './codec'
import { readLines } from './idx-codec'
import { pathOf } from './source-look'
import { isParquet, isTableName, openTableFile, type TableFile } from './table-file'
import { tableColumns } from '../table/source-columns'
import { TableReader } from './table-reader'
import { tableGroups, tablesBelow } from './table-shards'

/** Names the label column of the tables beside it, where looking at them would not tell. */
export const LABEL_COLUMN_FILE = 'label-column.txt'

/** Tells, line by line as name=role, what the columns of the tables beside it are for. */
export const COLUMN_ROLES_FILE = 'column-roles.txt'

/** CSV, TSV and Parquet: one row an example, one column a feature, one column the label. */
export const tableCodec: SourceCodec = {
  format: 'table',

  async recognise(look) {
    if (look.kind === 'file') {
      if (isParquet(look.head)) return 'a Parquet file'
      return isTableName(look.path)
        ? `a file that ends in ${/\.\w+(\.gz)?$/.exec(look.path)?.[0]}`
        : undefined
    }
    const [file] = tablesBelow(look)
    return file && `a folder with ${file}`
  },

  async open(look, options) {
    const files = look.kind === 'file' ? [path.basename(look.path)] : tablesBelow(look)
    const groups = tableGroups(look, files)
    const tables: TableFile[] = []
    const beside = readLines(pathOf(look, LABEL_COLUMN_FILE))?.[0]
    for (const { file } of groups) tables.push(await openTableFile(look, file, options, beside))
    const [first] = tables
    if (!first) throw badInput(`${look.name} holds no table.`, 'Name a CSV, TSV or Parquet file.')
    for (const table of tables.slice(1)) {
      if (table.columns.join('\n') !== first.columns.join('\n')) {
        throw badInput(`${table.name} has other columns than ${first.name}.`, 'Give both the same columns.')
      }
    }
    const isBeside = beside !== undefined && (look.kind === 'folder' || first.columns.includes(beside))
    const roles = readLines(pathOf(look, COLUMN_ROLES_FILE)) ?? []
    const columns = tableColumns(first, options, { label: isBeside ? beside : undefined, roles })
    const splits = groups.map(({ split }) => split)
    return new TableReader({ source: look, files: tables, splits, columns })
  }
}
