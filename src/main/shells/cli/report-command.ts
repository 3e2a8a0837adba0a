import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import { badInput } from '../../../shared/domain/failure'
import { writeAtomically } from '../../files/write-atomically'
import { withAskedWorkspace } from './asked-workspace'
import { addCommonOptions, print, printJson } from './common-options'
import type { CommonOptions } from './common-options'
import type { Finish } from './exit-codes'

interface ReportFlags extends CommonOptions {
  readonly html?: string
  readonly examples?: string
}

const MOST_EXAMPLES = 500

/** What a run found and what was decided, as a file to hand on. */
export function addReportCommand(program: Command, finish: Finish): void {
  addCommonOptions(
    program.command('report').argument('<run>').description('a report of a run to hand on: one HTML file')
  )
    .option('--html <file>', 'write it there (required)')
    .option(
      '--examples <n>',
      'how many of the most suspicious examples it shows (default: as many as are flagged, 20 to 60)'
    )
    .addHelpText(
      'after',
      '\nExamples:\n  bilevel report 20260101-120000-00000000 --html report.html\n  bilevel report result --html report.html'
    )
    .action(async (named: string, options: ReportFlags) => {
      const file = newFile(options.html)
      const shown = exampleCount(options.examples)
      const { runReport } = await import('../../api/run-report')
      await withAskedWorkspace(options, async (asked) => {
        // A run by its id, or by the folder that it wrote.
        const folder = path.resolve(named)
        const { store } = asked.workspace
        const run = store.list().find(({ outputDir }) => outputDir === folder)?.id ?? named
        await writeAtomically(file, await runReport(asked, run, shown))
        if (options.json) printJson({ run, html: file })
        else print(`The report of ${store.get(run).name} is in ${file}`)
        finish(0)
      })
    })
}

function newFile(named: string | undefined): string {
  if (named === undefined)
    throw badInput('--html is missing.', 'Name the file to write, such as report.html.')
  const file = path.resolve(named)
  if (existsSync(file)) throw badInput(`--html ${named} is there already.`, 'Name a new file.')
  if (!existsSync(path.dirname(file)))
    throw badInput(`The folder of --html ${named} does not exist.`, 'Name a file in a folder that does.')
  return file
}

function exampleCount(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const wanted = Number(text)
  if (text.trim() === '' || !Number.isInteger(wanted) || wanted < 0 || wanted > MOST_EXAMPLES)
    throw badInput(`--examples is "${text}".`, `Give a whole number from 0 to ${MOST_EXAMPLES}.`)
  return wanted
}
