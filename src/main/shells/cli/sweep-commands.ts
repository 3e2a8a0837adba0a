import type { Command } from 'commander'
import { badInput } from '../../../shared/domain/failure'
import { axesIn, axisOf } from '../../../shared/domain/sweep'
import type { SweepAxis, SweepPoint } from '../../../shared/domain/sweep'
import {
  addCommonOptions,
  addTrainOptions,
  print,
  printJson,
  repeated,
  requireEmptyOutput,
  workspaceDir
} from './common-options'
import type { CommonOptions, TrainOptions } from './common-options'
import type { Finish } from './exit-codes'
import { checkedSpec } from './spec-flags'
import { table } from './table'
import { definitionIn } from './task-commands'

interface SweepOptions extends TrainOptions {
  readonly out?: string
  readonly name?: string
  readonly seed?: string
  readonly method?: string
  readonly set?: readonly string[]
}

export function addSweepCommands(program: Command, finish: Finish): void {
  const sweep = program
    .command('sweep')
    .argument('<spec.yaml>', 'a spec, in which any field may be a list of values')
    .description('many runs as one: a run for each combination of values, and one table of all')
    .option('--out <dir>', 'a new or empty folder for the results (required)')
    .option('--seed <a,b|a..b>', 'seeds, 0..4 for five of them')
    .option('--method <a,b,...>', 'methods')
    .option('--set <field=a,b,...>', 'values of any field, such as batch-size=50,100', repeated)
    .option('--name <text>', 'what the sweep is called')
  addTrainOptions(sweep).addHelpText(
    'after',
    `
A field that is a list anyway varies by semicolons: --set "hidden-sizes=50;100,50".
The table takes mean and deviation over the seeds. It is written as sweep.csv, each run in a folder beside.

Example:
  bilevel sweep result/spec.yaml --seed 0..4 --method penalty,gd --out compared`
  )
  sweep.action(async (file: string, options: SweepOptions) => {
    const { base, axes } = await readSweep(file, options)
    const out = requireEmptyOutput(options.out)
    const { trainSweep } = await import('./train-sweep')
    finish(await trainSweep(base, axes, out, options))
  })
  addListCommands(program, finish)
}

function addListCommands(program: Command, finish: Finish): void {
  const sweeps = program.command('sweeps').description('the sweeps of the workspace')
  addCommonOptions(sweeps.command('list').description('all sweeps, newest first')).action(
    async (options: CommonOptions) => {
      const { openWorkspace } = await import('../../runs')
      const workspace = openWorkspace(workspaceDir(options))
      try {
        const all = workspace.sweeps.list()
        const row = ({ id, createdAt, name }: (typeof all)[number]): string[] => [
          id,
          createdAt.slice(0, 16).replace('T', ' '),
          name
        ]
        if (options.json) printJson(all)
        else print(all.length === 0 ? 'No sweeps yet.' : table(['id', 'created', 'name'], all.map(row)))
        finish(0)
      } finally {
        workspace.close()
      }
    }
  )
  addCommonOptions(sweeps.command('show').argument('<id>').description('the table of a sweep'))
    .option('--csv', 'print it as CSV')
    .action(async (id: string, options: CommonOptions & { csv?: boolean }) => {
      const { showSweep } = await import('./train-sweep')
      finish(showSweep(id, options))
    })
  addCommonOptions(
    sweeps
      .command('resume')
      .argument('<id>')
      .description('go on with the runs of a sweep that have not ended')
  ).action(async (id: string, options: CommonOptions) => {
    const { resumeSweep } = await import('./train-sweep')
    finish(await resumeSweep(id, options))
  })
}

/** @throws Failure bad-input that names the file and the key, or the option */
async function readSweep(
  file: string,
  options: SweepOptions
): Promise<{ base: SweepPoint; axes: SweepAxis[] }> {
  const { readSpecFile } = await import('./read-spec')
  const { values, nameOf } = await readSpecFile(file)
  const { schema } = definitionIn(values, nameOf)
  const { fixed, axes } = axesIn(schema, values, nameOf)
  const given = Object.entries({ method: options.method, seed: options.seed }).flatMap(([field, text]) =>
    text === undefined ? [] : [axisOf(schema, field, text)]
  )
  const set = (options.set ?? []).map((text) => {
    const at = text.indexOf('=')
    if (at < 1) throw badInput(`--set is "${text}".`, 'Write field=value,value.')
    return axisOf(schema, text.slice(0, at).trim(), text.slice(at + 1))
  })
  const stated = [...set, ...given]
  const all = [...axes.filter(({ field }) => !stated.some((other) => other.field === field)), ...stated]
  // What is fixed is checked against the file, with the first value of what is not.
  const first = Object.fromEntries(all.map(({ field, values: [value] }) => [field, value]))
  checkedSpec(schema, { ...fixed, ...first }, nameOf)
  return { base: fixed, axes: all }
}
