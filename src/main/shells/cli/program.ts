import { Command } from 'commander'
import { productVersion } from '../../files/product'
import { tellFailure } from './exit-codes'
import type { Finish } from './exit-codes'
import { addBinCommands } from './bin-commands'
import { addDatasetCommands } from './dataset-commands'
import { addExtractorCommands } from './extractor-commands'
import { addFeatureCommand } from './feature-command'
import { addGpuCommands } from './gpu-commands'
import { addReportCommand } from './report-command'
import { addPlaceCommands } from './place-commands'
import { addReviewCommands } from './review-commands'
import { addRunCommands } from './run-commands'
import { stoppedCode } from './stop-signals'
import { addSweepCommands } from './sweep-commands'
import { addSystemCommands } from './system-commands'
import { addTaskCommands } from './task-commands'

/**
 * Parse and perform. @returns the exit code: 0 done, 1 failed, 2 bad usage or input, 130 cancelled, 143 and 129 ended by
 * SIGTERM and SIGHUP
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let code = 0
  const finish: Finish = (value) => {
    code = value
  }
  const program = new Command('bilevel')
    .description(
      'Find the wrong labels in a dataset with bilevel optimisation. Everything stays on this machine.'
    )
    .version(productVersion(), '-V, --version', 'the version')
    .showSuggestionAfterError(false)
    .configureOutput({ writeErr: () => undefined })
    .exitOverride()
  program.addHelpText(
    'after',
    `
Examples:
  bilevel datasets import photos.zip --name photos
  bilevel corrupt sample-digits#train --noise 0.4 --out noisy
  bilevel denoise --train noisy --trusted sample-digits#test[0:100] --out result
  bilevel doctor`
  )
  addSystemCommands(program, finish)
  addGpuCommands(program, finish)
  addDatasetCommands(program, finish)
  addFeatureCommand(program, finish)
  addExtractorCommands(program, finish)
  addTaskCommands(program, finish)
  addSweepCommands(program, finish)
  addRunCommands(program, finish)
  addReviewCommands(program, finish)
  addReportCommand(program, finish)
  addPlaceCommands(program, finish)
  addBinCommands(program, finish)
  inheritSettings(program)
  try {
    if (args.length === 0) {
      program.outputHelp()
      return 0
    }
    await program.parseAsync([...args], { from: 'user' })
    return stoppedCode(code)
  } catch (error) {
    return stoppedCode(tellFailure(error, args.includes('--verbose')))
  }
}

/** Subcommands made with addCommand or command() do not all inherit these. */
function inheritSettings(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command)
    inheritSettings(child)
  }
}
