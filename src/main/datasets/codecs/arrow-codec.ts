import { existsSync } from 'node:fs'
import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import { arrowRecords, isArrow, readArrowFacts } from '../../file-formats/arrow'
import type { SourceCodec } from './codec'
import { readLines } from './idx-codec'
import { nameOf, pathOf } from './source-look'
import type { SourceLook } from './source-look'
import { LABEL_COLUMN_FILE } from './table-codec'
import { tableColumns } from '../table/source-columns'
import type { TableFile } from './table-file'
import { TableReader } from './table-reader'
import { tableGroups } from './table-shards'

const ARROW = /\.(arrow|feather|ipc)$/i

const arrowFiles = ({ files }: SourceLook): string[] => files.filter((file) => ARROW.test(file))

/** Arrow and Feather: one row an example, one column a feature, one column the label. */
export const arrowCodec: SourceCodec = {
  format: 'arrow',

  async recognise(look) {
    if (look.kind === 'folder') {
      const [file] = arrowFiles(look)
      return file && `a folder with ${file}`
    }
    if (isArrow(look.head)) return 'an Arrow file'
    return ARROW.test(look.path) ? `a file that ends in ${path.extname(look.path)}` : undefined
  },

  async open(look, options) {
    const files = look.kind === 'file' ? [path.basename(look.path)] : arrowFiles(look)
    const groups = tableGroups(look, files)
    const tables: TableFile[] = []
    for (const { file } of groups) tables.push(await openArrow(look, file))
    const [first] = tables
    if (!first) throw badInput(`${look.name} holds no Arrow file.`, 'Name an Arrow or Feather file.')
    for (const table of tables.slice(1)) {
      if (table.columns.join('\n') !== first.columns.join('\n')) {
        throw badInput(`${table.name} has other columns than ${first.name}.`, 'Give both the same columns.')
      }
    }
    const note = pathOf(look, LABEL_COLUMN_FILE)
    const beside = look.kind === 'folder' && existsSync(note) ? readLines(note)?.[0] : undefined
    const columns = tableColumns(first, options, { label: beside, roles: [] })
    const splits = groups.map(({ split }) => split)
    return new TableReader({ source: look, files: tables, splits, columns })
  }
}

async function openArrow(look: SourceLook, file: string): Promise<TableFile> {
  const place = { file, path: pathOf(look, file), name: nameOf(look, file) }
  const { samples, count, countIsEstimate, ...facts } = await readArrowFacts(place.path, place.name)
  if (count === 0) {
    throw badInput(`${place.name} has no rows.`, 'Name a table with one row for each example.')
  }
  return {
    ...place,
    columns: facts.columns.map(({ name }) => name),
    delimiter: ',',
    skip: 0,
    hasHeader: true,
    decimalComma: false,
    parquet: { ...facts, count },
    count,
    countIsEstimate,
    samples,
    warnings: [],
    records: (uses) => arrowRecords(place.path, place.name, { ...facts, count }, uses)
  }
}
