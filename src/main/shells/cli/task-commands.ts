import type { Command } from 'commander'
import type { ZodObject } from 'zod'
import { badInput } from '../../../shared/domain/failure'
import {
  denoisingSpec,
  fewShotSpec,
  hyperparametersSpec,
  poisoningSpec,
  syntheticSpec
} from '../../../shared/domain/task-spec'
import type { TaskSpec } from '../../../shared/domain/task-spec'
import { addCommonOptions, requireEmptyOutput } from './common-options'
import type { CommonOptions } from './common-options'
import { readSpecFile } from './read-spec'
import { addSpecFlags, checkedSpec, shortly, specFromFlags } from './spec-flags'
import type { Finish } from './program'

interface TaskCommand {
  readonly name: string
  readonly summary: string
  readonly schema: ZodObject
  readonly fixed: { readonly task: string }
  readonly examples: string
}

const TASK_COMMANDS: readonly TaskCommand[] = [
  {
    name: 'denoise',
    summary: 'learn importance weights, find wrong labels, export the cleaned set',
    schema: denoisingSpec,
    fixed: { task: 'denoising' },
    examples: `
  bilevel denoise --train noisy --trusted clean.zip --out result
  bilevel denoise --train "mnist#train[0:5000]" --trusted "mnist#train[5000:6000]" --test "mnist#test" \\
      --model mlp --out result
  bilevel denoise --train labels.csv --label-column species --trusted checked.csv --out result`
  },
  {
    name: 'poison',
    summary: 'craft poisons, retrain victims, report the damage',
    schema: poisoningSpec,
    fixed: { task: 'poisoning' },
    examples: `
  bilevel poison --attack untargeted --train "mnist#train[0:1000]" --validation "mnist#train[1000:2000]" \\
      --test "mnist#test" --count 60 --out attack
  bilevel poison --attack clean-label --train "photos.zip#train" --validation "photos.zip#test" \\
      --targets 50 --epsilon 0.06275 --out clean-label`
  },
  {
    name: 'few-shot',
    summary: 'learn a shared representation, report accuracy over test tasks',
    schema: fewShotSpec,
    fixed: { task: 'few-shot' },
    examples: `
  bilevel few-shot --train alphabets.zip --test others.zip --ways 5 --shots 1 --out shots`
  },
  {
    name: 'hyperparameters',
    summary: 'tune regularisation on a validation set',
    schema: hyperparametersSpec,
    fixed: { task: 'hyperparameters' },
    examples: `
  bilevel hyperparameters --train "mnist#train[0:1000]" --validation "mnist#train[1000:2000]" --out tuned`
  },
  {
    name: 'synthetic',
    summary: "the paper's problems with known solutions",
    schema: syntheticSpec,
    fixed: { task: 'synthetic' },
    examples: `
  bilevel synthetic --problem all --out synthetic`
  }
]

export function addTaskCommands(program: Command, finish: Finish): void {
  for (const { name, summary, schema, fixed, examples } of TASK_COMMANDS) {
    const command = program.command(name).description(summary)
    command.option('--out <dir>', 'a new or empty folder for the results (required)')
    addSpecFlags(command, schema, fixed)
    addCommonOptions(command).addHelpText('after', `\nExamples:${examples}`)
    command.action(async (options: CommonOptions & { out?: string }) => {
      const spec = specFromFlags<TaskSpec>(schema, fixed, options as Record<string, unknown>)
      const out = requireEmptyOutput(options.out)
      const { performTask } = await import('./perform-task')
      finish(await performTask(spec, out, options))
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
  addCommonOptions(command).addHelpText('after', '\nExample:\n  bilevel run result/spec.yaml --out again')
  command.action(async (file: string, options: CommonOptions & { out?: string }) => {
    const spec = await readSpec(file)
    const out = requireEmptyOutput(options.out)
    const { performTask } = await import('./perform-task')
    finish(await performTask(spec, out, options))
  })
}

/** @throws Failure bad-input that names the file and the key */
export async function readSpec(file: string): Promise<TaskSpec> {
  const { values, nameOf } = await readSpecFile(file)
  const { task } = values
  const known = TASK_COMMANDS.find(({ fixed }) => fixed.task === task)
  if (!known) {
    const names = TASK_COMMANDS.map(({ fixed }) => fixed.task).join(', ')
    throw badInput(`${nameOf('task')} is ${shortly(task)}.`, `Take one of ${names}.`)
  }
  return checkedSpec<TaskSpec>(known.schema, values, nameOf)
}
