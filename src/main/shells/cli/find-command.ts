import type { Command } from 'commander'
import { badInput } from '../../../shared/domain/failure'
import { withAskedWorkspace } from './asked-workspace'
import { addCommonOptions, print, printJson } from './common-options'
import type { CommonOptions } from './common-options'
import type { Finish } from './exit-codes'

/** Rows of a dataset of the workspace that a question asks for, a line each: for people and for scripts. */
export function addFindCommand(datasets: Command, finish: Finish): void {
  addCommonOptions(
    datasets.command('find').argument('<name>').description('rows of a dataset that a question asks for')
  )
    .option(
      '--where <question>',
      'such as: class = cat and score < 0.3 and not problem = exact_duplicate (required)'
    )
    .option('--run <id>', 'whose scores, flags and review are meant (default: those of the newest run on it)')
    .addHelpText(
      'after',
      '\nExamples:\n  bilevel datasets find photos --where \'class = ants and problem = blurry\'\n  bilevel datasets find photos --where \'flagged = "first run" and not flagged = "second run"\''
    )
    .action(async (name: string, options: CommonOptions & { where?: string; run?: string }) => {
      const { where, run } = options
      if (where === undefined)
        throw badInput('--where is missing.', 'Ask for example: --where "class = cat".')
      const { findRows } = await import('../../api/find-rows')
      const rows = await withAskedWorkspace(options, (context) => findRows(context, name, where, run))
      if (options.json) printJson({ dataset: name, where, rows })
      else if (rows.length > 0) print(rows.join('\n'))
      finish(0)
    })
}
