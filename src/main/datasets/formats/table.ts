import { badInput, type Failure } from '../../../shared/domain/failure'
import { tableCodec } from '../codecs/table-codec'
import { spelling, tidyName } from '../codecs/table-labels'
import type { ExampleSelection } from '../example-selection'
import { copyTables, KNOWN_NAME } from '../export/table-copy'
import { writeTable } from '../export/table-writer'
import type { FormatDefinition } from './format'
import { splitLimit, tidyNameLimit } from './limits'

/** Classes of a label column beyond which it is taken for measurements. */
const MOST_COLUMN_CLASSES = 256

export const table: FormatDefinition = {
  text: 'Table: CSV, one line an example, its label in a column',
  endings: ['csv', 'tsv', 'parquet', 'pq'],
  codec: tableCodec,
  write: writeTable,
  copyRows: (source, _, target) => copyTables(source, target),
  fileName: KNOWN_NAME,
  readBack: () => ({ leaveOut: [] }),
  limit: (selection, splits) =>
    splitLimit(selection, 'table', splits) ??
    columnLimit(selection) ??
    tidyNameLimit(selection, 'table', nameReader(selection.classNames)),
  nameReader
}

function nameReader(names: readonly string[]): (name: string) => string {
  const spell = spelling(names.map(tidyName))
  return (name) => spell(tidyName(name))
}

function columnLimit({ classNames, count }: ExampleSelection): Failure | undefined {
  const different = classNames.length
  if (different <= MOST_COLUMN_CLASSES || different <= count / 2) return undefined
  return badInput(
    `A column of ${different} different labels in ${count} rows is not read as classes.`,
    'Export as npz instead.'
  )
}
