import type { Command } from 'commander'
import type { Inspection } from '../../../shared/domain/inspection'
import { ROLE_WORDS, type InspectedColumn } from '../../../shared/domain/table-columns'
import { print, printJson } from './common-options'
import {
  addSourceFlags,
  photographOptions,
  tellResized,
  tellWarnings,
  type SourceFlags
} from './source-flags'
import type { Finish } from './exit-codes'
import { table } from './table'

/** What an import would make of a path; writes nothing. */
export function addInspectCommand(datasets: Command, finish: Finish): void {
  addSourceFlags(
    datasets
      .command('inspect')
      .argument('<path>')
      .description('what an import would make of it; writes nothing')
  )
    .addHelpText(
      'after',
      '\nExample:\n  bilevel datasets inspect table.csv --label-column species --column zip=category'
    )
    .action(async (file: string, options: SourceFlags) => {
      const { inspectSource, MIXED_SIZE } = await import('../../datasets')
      const found = await inspectSource(file, photographOptions(options, MIXED_SIZE))
      tellWarnings(found.warnings)
      if (found.resizedTo !== undefined) tellResized(found.resizedTo)
      if (options.json) printJson({ ...found, sampleImages: undefined, sampleRows: undefined })
      else print(described(file, found))
      finish(0)
    })
}

function described(file: string, found: Inspection): string {
  const { format, reason, count, countIsEstimate, shape, classNames, labelColumn, tableColumns = [] } = found
  const size = shape ? ` of ${shape.join(' x ')}` : ''
  const lines = [
    `${file}: ${countIsEstimate ? 'about ' : ''}${count} examples${size} (${format}: ${reason})`,
    `  ${classNames.length} classes: ${classNames.slice(0, 20).join(', ')}`
  ]
  if (found.columns.length > 0 && labelColumn === undefined) {
    lines.push(
      `  The label column has to be named (--label-column), such as ${found.labelColumnCandidates.join(', ')}.`
    )
  }
  if (tableColumns.length === 0) return lines.join('\n')
  const head = ['column', 'role', 'features', 'different', 'empty', 'because']
  return [...lines, '', table(head, tableColumns.map(row))].join('\n')
}

function row({ name, role, features, distinct, isMore, empty, reason }: InspectedColumn): string[] {
  return [
    name === '' ? '(unnamed)' : name,
    ROLE_WORDS[role],
    String(features),
    `${distinct}${isMore ? '+' : ''}`,
    String(empty),
    reason
  ]
}
