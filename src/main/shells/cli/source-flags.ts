import type { Command } from 'commander'
import { Failure } from '../../../shared/domain/failure'
import { partedRoles } from '../../../shared/domain/table-columns'
import type { ImportOptions } from '../../datasets'
import { addCommonOptions, repeated } from './common-options'
import type { CommonOptions } from './common-options'

/** Options that say how a source is read. */
export interface SourceFlags extends CommonOptions {
  readonly format?: string
  readonly imageSize?: string
  readonly labelColumn?: string
  readonly header?: string
  readonly separator?: string
  readonly leaveOut?: string
  readonly column?: readonly string[]
  readonly skipUnlabelled?: boolean
  readonly encoding?: string
  readonly truth?: string
  readonly strict?: boolean
}

export function addSourceFlags(command: Command): Command {
  return addCommonOptions(command)
    .option('--format <format>', 'force the format instead of looking')
    .option('--image-size <n>', 'resize images to this side where sizes differ')
    .option('--label-column <name>', 'the label column of a table')
    .option('--header <auto|yes|no>', 'whether the first row of a table names its columns')
    .option('--separator <sign>', 'between the fields: comma, semicolon, tab, bar or blank')
    .option('--leave-out <a,b,...>', 'columns of a table that are no features ("": every column is one)')
    .option(
      '--column <name=role>',
      'role of a column of a table, once for each: label, number, category, date, text, ignore',
      repeated
    )
    .option('--skip-unlabelled', 'rows of a table without a label are left out, instead of ending the import')
    .option('--truth <file>', 'a file of true labels; they only score a result')
    .option('--strict', 'a picture that cannot be read ends the import, instead of being left out')
    .option('--encoding <name>', 'of texts and names that are not UTF-8, such as windows-1252 or shift_jis')
}

export function importOptions(flags: SourceFlags): ImportOptions {
  const size = flags.imageSize === undefined ? undefined : Number(flags.imageSize)
  if (size !== undefined && !(Number.isInteger(size) && size > 0)) {
    throw new Failure('bad-usage', `--image-size is "${flags.imageSize}".`, 'Give a whole number of pixels.')
  }
  const { format, labelColumn, separator, skipUnlabelled, encoding, truth, strict } = flags
  const leaveOut = flags.leaveOut?.split(',').map((name) => name.trim())
  return {
    format,
    imageSize: size,
    labelColumn,
    header: headerOption(flags.header),
    separator,
    leaveOut: leaveOut?.filter((name) => name !== ''),
    column: flags.column?.flatMap(partedRoles),
    skipUnlabelled,
    encoding,
    truth,
    strict
  }
}

/** As `importOptions`, where nobody has to choose a size for photographs: what a model gets is settled by the run. */
export function photographOptions(flags: SourceFlags, mixedSize: number): ImportOptions {
  return { ...importOptions(flags), mixedSize, keepsLarge: true }
}

/** Said, not warned of: the files are kept as they are. */
export function tellResized(side: number): void {
  process.stderr.write(
    `The pictures differ in size: models of pixels get them at ${side} x ${side} (--image-size takes another size).\n`
  )
}

function headerOption(given: string | undefined): ImportOptions['header'] {
  if (given === undefined || given === 'auto' || given === 'yes' || given === 'no') return given
  throw new Failure('bad-usage', `--header is "${given}".`, 'Take auto, yes or no.')
}

/** What the window shows as warnings of an import; also beside --json, which has them as a field. */
export function tellWarnings(warnings: readonly string[]): void {
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`)
}
