import type { Command } from 'commander'
import { badInput, Failure } from '../../../shared/domain/failure'
import type { BinContext } from '../../api/removal'
import { addCommonOptions, print, printJson, workspaceDir } from './common-options'
import type { CommonOptions } from './common-options'
import type { Finish } from './exit-codes'
import { table } from './table'

/** `datasets remove`, `runs remove`, and the bin where both lie. */
export function addBinCommands(program: Command, finish: Finish): void {
  const groupOf = (name: string): Command =>
    program.commands.find((command) => command.name() === name) ?? program.command(name)
  addCommonOptions(
    groupOf('datasets').command('remove').argument('<dataset>').description('move a dataset into the bin')
  )
    .option('--force', 'also where ended runs refer to it')
    .action((dataset: string, options: CommonOptions & { force?: boolean }) =>
      withBin(options, finish, async (context) => {
        const { removeDataset } = await import('../../api/removal')
        const { id, name } = context.datasets.get(dataset)
        removeDataset(context, id, options.force ?? false)
        tell(options, { kind: 'dataset', id, name }, `${name} lies in the bin: bilevel bin restore ${id}`)
      })
    )
  addCommonOptions(
    groupOf('runs').command('remove').argument('<id>').description('move a run into the bin')
  ).action((id: string, options: CommonOptions) =>
    withBin(options, finish, ({ workspace }) => {
      const { name } = workspace.store.discard(id)
      tell(options, { kind: 'run', id, name }, `${name} lies in the bin: bilevel bin restore ${id}`)
    })
  )
  const bin = program.command('bin').description('what was removed: kept for 30 days')
  addCommonOptions(bin.command('list').description('what can be put back, the last removed first')).action(
    (options: CommonOptions) =>
      withBin(options, finish, async (context) => {
        const { listBin } = await import('../../api/removal')
        const entries = listBin(context)
        if (options.json) printJson(entries)
        else if (entries.length === 0) print('The bin is empty.')
        else {
          const rows = entries.map(({ kind, name, removedAt, id }) => [
            kind,
            name,
            removedAt.slice(0, 16).replace('T', ' '),
            id
          ])
          print(table(['kind', 'name', 'removed', 'id'], rows))
        }
      })
  )
  addCommonOptions(bin.command('restore').argument('<id>').description('put a dataset or run back')).action(
    (id: string, options: CommonOptions) =>
      withBin(options, finish, async (context) => {
        const { listBin, restoreFromBin } = await import('../../api/removal')
        const entry = listBin(context).find((one) => one.id === id)
        if (!entry) throw new Failure('not-found', `"${id}" is not in the bin.`, 'See "bilevel bin list".')
        const { name, renamed } = restoreFromBin(context, entry)
        const note = renamed ? `, called ${name} since its name was taken` : ''
        tell(options, { ...entry, name, renamed }, `${entry.name} is back${note}.`)
      })
  )
  addCommonOptions(bin.command('empty').description('delete for good what lies in the bin'))
    .option('--yes', 'without this nothing is deleted')
    .action((options: CommonOptions & { yes?: boolean }) =>
      withBin(options, finish, async (context) => {
        const { emptyBin, listBin } = await import('../../api/removal')
        if (!options.yes) {
          throw badInput(
            `${listBin(context).length} entries of the bin would be deleted for good.`,
            'Say so with --yes.'
          )
        }
        const count = emptyBin(context)
        tell(options, { count }, `${count} deleted.`)
      })
    )
}

async function withBin(
  options: CommonOptions,
  finish: Finish,
  act: (context: BinContext) => void | Promise<void>
): Promise<void> {
  const { openWorkspace } = await import('../../runs')
  const { DatasetStore } = await import('../../datasets')
  const workspace = openWorkspace(workspaceDir(options))
  try {
    await act({ workspace, datasets: new DatasetStore(workspace.datasetsDir) })
    finish(0)
  } finally {
    workspace.close()
  }
}

function tell(options: CommonOptions, facts: unknown, sentence: string): void {
  if (options.json) printJson(facts)
  else print(sentence)
}
