import type { Command } from 'commander'
import { tag } from '../../../shared/domain/annotation'
import { badInput } from '../../../shared/domain/failure'
import { counted } from '../../../shared/words/numbers'
import { withAskedWorkspace } from './asked-workspace'
import { addCommonOptions, print, printJson } from './common-options'
import type { CommonOptions } from './common-options'
import type { Finish } from './exit-codes'
import { table } from './table'

interface TagFlags extends CommonOptions {
  readonly where?: string
  readonly add?: string
  readonly remove?: string
}

/** Tags of a dataset's examples: put on and taken from those that a question asks for, or listed. */
export function addTagCommand(datasets: Command, finish: Finish): void {
  addCommonOptions(
    datasets
      .command('tag')
      .argument('<name>')
      .description('tag the examples that a question asks for; without a tag: list them')
  )
    .option('--where <question>', 'as of "datasets find": class = cat and score < 0.3')
    .option('--add <tags>', 'parted by commas')
    .option('--remove <tags>', 'parted by commas')
    .addHelpText(
      'after',
      '\nExamples:\n  bilevel datasets tag photos --where \'problem = blurry\' --add "ask Ada"\n  bilevel datasets tag photos'
    )
    .action(async (name: string, { where, ...options }: TagFlags) => {
      const [add, remove] = [tagsOf('--add', options.add), tagsOf('--remove', options.remove)]
      const isChange = add.length + remove.length > 0
      if (isChange && where === undefined)
        throw badInput(
          '--where is missing.',
          'Say which examples: --where "class = cat", or --where "row >= 0" for all.'
        )
      if (!isChange && where !== undefined)
        throw badInput('Neither --add nor --remove is given.', 'Name a tag: --add "look again".')
      const { findRows } = await import('../../api/find-rows')
      await withAskedWorkspace(options, async (context) => {
        const { id } = context.datasets.get(name)
        const { annotations } = context.workspace.trust
        if (where === undefined) {
          const { tags } = annotations.of(id)
          if (options.json) printJson({ dataset: name, tags })
          else
            print(
              tags.length === 0
                ? 'No example has a tag.'
                : table(
                    ['tag', 'examples'],
                    tags.map(({ tag, rows }) => [tag, String(rows.length)])
                  )
            )
          return
        }
        const rows = await findRows(context, name, where)
        const { added, removed } = annotations.retag(id, rows, { add, remove })
        if (options.json) printJson({ dataset: name, where, rows: rows.length, added, removed })
        else
          print(`${counted(rows.length, 'example')}: ${counted(added, 'tag')} put on, ${removed} taken off.`)
      })
      finish(0)
    })
}

/** @throws Failure bad-input */
export function tagsOf(flag: string, text: string | undefined): string[] {
  if (text === undefined) return []
  return text.split(',').map((name) => {
    const result = tag.safeParse(name)
    if (result.success) return result.data
    throw badInput(
      `${flag}: "${name.trim().slice(0, 80)}" is no tag.`,
      'Take 1 to 60 characters, without commas and double quotes.'
    )
  })
}
