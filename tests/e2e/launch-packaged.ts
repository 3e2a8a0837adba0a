import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { inject } from 'vitest'
import type { Desktop } from '../support/build-desktop'
import { launchPlain } from './launch-plain'
import type { PlainCommand } from './launch-plain'
import type { WorkbenchWindow } from './window'

/** The program of a packaged folder: BILEVEL_TEST_PACKAGED, as `scripts/packaging/test-folder.mjs` makes one. */
export const PACKAGED = process.env['BILEVEL_TEST_PACKAGED']

/** How the packaged program is started as on a machine that has nothing: no variables but these, and an empty path. */
export function packagedCommand(workspace: string): PlainCommand {
  const desktop: Desktop = inject('desktop')
  if (PACKAGED === undefined || 'missing' in desktop) throw new Error('There is no packaged program.')
  const folder = path.dirname(workspace)
  const nothing = path.join(folder, 'nothing')
  mkdirSync(nothing, { recursive: true })
  return {
    binary: PACKAGED,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      `--user-data-dir=${path.join(folder, 'user-data')}`
    ],
    cwd: nothing,
    env: {
      HOME: folder,
      PATH: nothing,
      DISPLAY: desktop.display ?? process.env['DISPLAY'],
      BILEVEL_WORKSPACE: workspace
    }
  }
}

/** Driven through Chromium's own port, since the program lends itself to no debugger. */
export async function launchPackaged(workspace: string): Promise<WorkbenchWindow> {
  const program = await launchPlain(packagedCommand(workspace))
  return {
    page: await program.page(),
    folder: path.dirname(workspace),
    reads: () => true,
    downloads: false,
    close: async () => {
      program.process.kill('SIGTERM')
      await program.ended
    }
  }
}
