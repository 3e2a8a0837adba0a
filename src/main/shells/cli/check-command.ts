import { copyFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import { findingFacts } from '../../../shared/domain/finding'
import type { Survey } from '../../../shared/domain/finding'
import { counted } from '../../../shared/words/numbers'
import { print, printJson, requireEmptyOutput, workspaceDir } from './common-options'
import { openStore } from './open-store'
import { watched } from './watched'
import type { Finish } from './exit-codes'
import { addSourceFlags, importOptions, tellWarnings } from './source-flags'
import type { SourceFlags } from './source-flags'
import { table } from './table'

/** Examples that the terminal names of each kind. */
const SHOWN = 5

/** Duplicates, leakage, outliers and odd examples: what is wrong with examples beside their labels. */
export function addCheckCommand(datasets: Command, finish: Finish): void {
  addSourceFlags(
    datasets
      .command('check')
      .argument('<ref>')
      .description('duplicates, leakage between splits, outliers, and odd pictures, texts and rows')
  )
    .option('--out <dir>', 'a new or empty folder for findings.csv and survey.json (default: only print)')
    .addHelpText(
      'after',
      '\nExamples:\n  bilevel datasets check photos\n  bilevel datasets check "mnist#train[0:10000]+mnist#test" --out findings'
    )
    .action(async (ref: string, options: SourceFlags & { out?: string }) => {
      const out = options.out === undefined ? undefined : requireEmptyOutput(options.out)
      const { store, resolveReference, referenceWarnings } = await openStore(options)
      const { readSurvey, surveyExamples, FINDINGS_FILE, SURVEY_FILE } = await import('../../survey')
      const found = await watched(options, async (watch) => {
        const selection = await resolveReference(store, ref, importOptions(options), watch)
        try {
          tellWarnings(referenceWarnings(selection))
          const folder = await surveyExamples(workspaceDir(options), selection, watch)
          if (out !== undefined) {
            mkdirSync(out, { recursive: true })
            for (const name of [FINDINGS_FILE, SURVEY_FILE])
              copyFileSync(path.join(folder, name), path.join(out, name))
          }
          return { ...readSurvey(folder), reference: ref }
        } finally {
          selection.close()
        }
      })
      if (options.json) printJson({ ...found, out })
      else {
        print(described(found))
        if (out !== undefined) print(`\nA line an example: ${path.join(out, FINDINGS_FILE)}`)
      }
      finish(0)
    })
}

function described({ reference, count, space, findings }: Survey): string {
  const found = findings.filter(({ rows }) => rows.length > 0)
  const head = `${reference}: ${counted(count, 'example')}, compared by ${space}`
  const none = findings.filter(({ rows, note }) => rows.length === 0 && note === null)
  const notes = findings.flatMap(({ kind, note }) => (note ? [`${findingFacts(kind).title}: ${note}`] : []))
  const lines = [head, '']
  if (found.length > 0)
    lines.push(
      table(
        ['found', 'examples', 'the worst, by row'],
        found.map(({ kind, rows, partners }) => [
          findingFacts(kind).title,
          String(rows.length),
          rows
            .slice(0, SHOWN)
            .map((row, i) => (partners ? `${row} (of ${partners[i]})` : String(row)))
            .join(', ')
        ])
      )
    )
  if (none.length > 0)
    lines.push('', `None: ${none.map(({ kind }) => findingFacts(kind).title.toLowerCase()).join(', ')}.`)
  return [...lines, ...notes].join('\n')
}
