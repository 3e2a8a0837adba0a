import type { Command } from 'commander'
import { backendChoice } from '../../../shared/domain/task-spec'
import { badInput } from '../../../shared/domain/failure'
import { addCommonOptions, print, printJson, workspaceDir } from './common-options'
import type { CommonOptions } from './common-options'
import type { Finish } from './exit-codes'
import { checkPlaceOf } from './place-commands'
import type { StartOptions } from './start'

interface DoctorOptions extends CommonOptions {
  readonly backend: string
  readonly place?: string
  readonly removeLeftovers?: boolean
  readonly diagnostics?: boolean
}

/** Each is held against its token before it is removed: nothing of the user's is. */
async function removeLeftovers(options: CommonOptions): Promise<number> {
  const { removeLeftovers: remove } = await import('../../datasets')
  const removed = remove(workspaceDir(options), () => true)
  if (options.json) printJson({ removed })
  else
    print(
      removed.length === 0
        ? 'There are no leftovers.'
        : removed.map((folder) => `removed ${folder}`).join('\n')
    )
  return 0
}

/** As "Copy diagnostics" in the window. */
async function tellDiagnostics(options: CommonOptions): Promise<number> {
  const { diagnostics } = await import('../../api')
  const text = await diagnostics(workspaceDir(options))
  if (options.json) printJson({ diagnostics: text })
  else process.stdout.write(text)
  return 0
}

export function addSystemCommands(program: Command, finish: Finish): void {
  addCommonOptions(
    program.command('doctor').description('what runs here, why, and what to do for a faster one')
  )
    .option('--backend <auto|native|wasm>', 'the backend to try', 'auto')
    .option('--place <name>', 'the same for a place where runs are trained, with a small job there')
    .option('--remove-leftovers', 'remove what killed exports left outside the workspace')
    .option(
      '--diagnostics',
      'what a report of a defect needs: versions, the machine, the log; nothing of yours'
    )
    .action(async (options: DoctorOptions) => {
      if (options.place !== undefined) return finish(await checkPlaceOf(options.place, options))
      const backend = backendChoice.safeParse(options.backend)
      if (!backend.success) throw badInput(`--backend is "${options.backend}".`, 'Take auto, native or wasm.')
      if (options.removeLeftovers) return finish(await removeLeftovers(options))
      if (options.diagnostics) return finish(await tellDiagnostics(options))
      const { examine, describeExamination } = await import('./doctor')
      const examination = await examine(backend.data, options)
      if (options.json) printJson(examination)
      else print(describeExamination(examination))
      finish(examination.findings.some(({ level }) => level === 'error') ? 1 : 0)
    })

  addCommonOptions(
    program.command('demo').description('the main job on the bundled sample, in about a minute')
  ).action(async (options: CommonOptions) => {
    const { runDemo } = await import('./demo')
    finish(await runDemo(options))
  })

  addCommonOptions(program.command('start').description('the workbench: desktop window, else browser'))
    .option('--browser', 'serve the window to a browser')
    .option('--host <address>', 'address to listen on (default: this machine only)')
    .option('--port <n>', 'port to listen on (default: a free one)')
    .option('--no-open', 'do not open the browser')
    .option('--folder <dir...>', 'folders the served window may use beside the present one and the workspace')
    .option('--allow-host <name...>', 'names under which the server may be reached')
    .option('--upload-limit <GiB>', 'largest upload (default: 8)')
    .action(async (options: StartOptions) => {
      const { start } = await import('./start')
      finish(await start(options))
    })
}
