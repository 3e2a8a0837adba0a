import { spawn } from 'node:child_process'
import path from 'node:path'
import type { Command } from 'commander'
import { builtEntry } from '../../../../bin/built-entry.mjs'
import type { Workspace } from '../../runs'
import { addCommonOptions, print, printJson, repeated, workspaceDir } from './common-options'
import type { CommonOptions } from './common-options'
import { EXIT } from './exit-codes'
import type { Finish } from './exit-codes'
import { table } from './table'

interface PlaceOptions extends CommonOptions {
  readonly folder?: string
  readonly login?: string
  readonly command?: string
  readonly partition?: string
  readonly gres?: string
  readonly time?: string
  readonly sbatch?: readonly string[]
}

export function addPlaceCommands(program: Command, finish: Finish): void {
  const places = program.command('places').description('where runs are trained besides this machine')
  addCommonOptions(places.command('list').description('all places')).action((options: CommonOptions) =>
    within(options, (workspace) => {
      const all = workspace.places.list()
      if (options.json) printJson(all)
      else if (all.length === 0) print('No places yet: runs are trained on this machine.')
      else
        print(
          table(
            ['name', 'login', 'folder', 'partition', 'gres', 'time'],
            all.map((one) => [
              one.name,
              one.login ?? '(here)',
              one.folder,
              one.partition ?? '',
              one.gres ?? '',
              one.time ?? ''
            ])
          )
        )
      finish(EXIT.done)
    })
  )
  addAddCommand(places, finish)
  addCommonOptions(places.command('remove').argument('<name>').description('forget a place')).action(
    (name: string, options: CommonOptions) =>
      within(options, ({ places: store }) => {
        store.remove(name)
        finish(EXIT.done)
      })
  )
  addCommonOptions(
    places
      .command('check')
      .argument('<name>')
      .description('whether runs can be trained there, with a small job')
  ).action((name: string, options: CommonOptions) => checkPlaceOf(name, options).then(finish))
  program
    .command('train-run', { hidden: true })
    .argument('<folder>')
    .description('train what the folder of a run says: for batch systems')
    .action(async (folder: string) => finish(await trainFolder(path.resolve(folder))))
}

function addAddCommand(places: Command, finish: Finish): void {
  addCommonOptions(
    places
      .command('add')
      .argument('<name>')
      .description('a Slurm cluster, or another way into it; the same name again changes it')
      .option('--folder <dir>', 'a folder that all its nodes share, absolute (required)')
      .option(
        '--login <host>',
        'its login node as ssh knows it; without it, sbatch is called on this machine'
      )
      .option('--command <text>', 'the workbench there (default: bilevel)')
      .option('--partition <name>', 'a partition of it')
      .option('--gres <list>', 'what a job asks for, such as gpu:1')
      .option('--time <limit>', 'of one job, such as 2:00:00; what takes longer goes on in another')
      .option('--sbatch <option>', 'a further option of sbatch, such as --account=lab', repeated)
  ).action((name: string, options: PlaceOptions) =>
    within(options, ({ places: store }) => {
      const saved = store.save({
        name,
        login: options.login ?? null,
        folder: options.folder ?? '',
        command: options.command ?? 'bilevel',
        partition: options.partition ?? null,
        gres: options.gres ?? null,
        time: options.time ?? null,
        options: options.sbatch ?? []
      })
      if (options.json) printJson(saved)
      else print(`Added. See what it can do with "bilevel places check ${name}".`)
      finish(EXIT.done)
    })
  )
}

/** Whether runs can be trained at a place, to the first thing that is wrong. @returns the exit code */
export function checkPlaceOf(name: string, options: CommonOptions): Promise<number> {
  return within(options, async ({ places }) => {
    const { checkPlace } = await import('../../runs')
    const findings = await checkPlace(places.get(name))
    if (options.json) printJson(findings)
    else
      for (const { name: what, level, detail, remedy } of findings)
        print(`${level.padEnd(8)} ${what}: ${detail}${remedy ? ` ${remedy}` : ''}`)
    return findings.some(({ level }) => level === 'error') ? EXIT.failed : EXIT.done
  })
}

async function within<T>(options: CommonOptions, act: (workspace: Workspace) => Promise<T> | T): Promise<T> {
  const { openWorkspace } = await import('../../runs')
  const workspace = openWorkspace(workspaceDir(options))
  try {
    return await act(workspace)
  } finally {
    workspace.close()
  }
}

/** In a process of its own, which hears what this one hears. @returns its exit code */
async function trainFolder(folder: string): Promise<number> {
  const { file, execArgv } = builtEntry('worker', import.meta.url)
  const child = spawn(process.execPath, [...execArgv, file, 'train-run', folder], {
    stdio: ['ignore', 'inherit', 'inherit']
  })
  const signals = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const
  const pass = signals.map((signal) => {
    const listener = (): void => void child.kill('SIGTERM')
    process.on(signal, listener)
    return () => process.off(signal, listener)
  })
  const code = await new Promise<number>((resolve) => {
    child.on('error', () => resolve(EXIT.failed))
    child.on('close', (status) => resolve(status ?? EXIT.failed))
  })
  pass.forEach((release) => release())
  return code
}
