import type { Command } from 'commander'
import { badInput } from '../../../shared/domain/failure'
import type { TaskSpec } from '../../../shared/domain/task-spec'
import { TASK_LIST } from '../../../shared/tasks'
import type { AnyTask } from '../../../shared/tasks'
import { addTrainOptions, requireEmptyOutput } from './common-options'
import type { TrainOptions } from './common-options'
import type { SpecFile } from './read-spec'
import { addSpecFlags, checkedSpec, shortly, specFromFlags } from './spec-flags'
import type { Finish } from './exit-codes'

export function addTaskCommands(program: Command, finish: Finish): void {
  for (const { task, schema, command: texts } of TASK_LIST) {
    const { name, summary, examples } = texts
    const fixed = { task }
    const command = program.command(name).description(summary)
    // A schema's flags take a while to make, so only those of the command that is asked for are.
    program.hook('preSubcommand', (_, asked) => {
      if (asked !== command) return
      command.option('--out <dir>', 'a new or empty folder for the results (required)')
      addSpecFlags(command, schema, fixed)
      addTrainOptions(command).addHelpText('after', `\nExamples:${examples}`)
    })
    command.action(async (options: TrainOptions & { out?: string }) => {
      const spec = specFromFlags<TaskSpec>(schema, fixed, options as Record<string, unknown>)
      const out = requireEmptyOutput(options.out)
      const { trainAndReport } = await import('./train-spec')
      finish(await trainAndReport(spec, out, options))
    })
  }
  addRunCommand(program, finish)
}

function addRunCommand(program: Command, finish: Finish): void {
  const command = program
    .command('run')
    .argument('<spec.yaml>', 'a spec, such as the one in every output folder')
    .description('any task from a file')
    .option('--out <dir>', 'a new or empty folder for the results (required)')
  addTrainOptions(command).addHelpText('after', '\nExample:\n  bilevel run result/spec.yaml --out again')
  command.action(async (file: string, options: TrainOptions & { out?: string }) => {
    const spec = await readSpec(file)
    const out = requireEmptyOutput(options.out)
    const { trainAndReport } = await import('./train-spec')
    finish(await trainAndReport(spec, out, options))
  })
}

/** @throws Failure bad-input that names the file and the key */
export async function readSpec(file: string): Promise<TaskSpec> {
  const { readSpecFile } = await import('./read-spec')
  const { values, nameOf } = await readSpecFile(file)
  return checkedSpec<TaskSpec>(definitionIn(values, nameOf).schema, values, nameOf)
}

/** The task that a spec file is of. @throws Failure bad-input that names the file and the line */
export function definitionIn({ task }: SpecFile['values'], nameOf: SpecFile['nameOf']): AnyTask {
  const known = TASK_LIST.find((other) => other.task === task)
  if (known) return known
  const names = TASK_LIST.map((other) => other.task).join(', ')
  throw badInput(`${nameOf('task')} is ${shortly(task)}.`, `Take one of ${names}.`)
}
