import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { inject } from 'vitest'
import type { Desktop } from '../support/build-desktop'
import { launchPlain } from './launch-plain'
import type { WorkbenchWindow } from './window'

/** The program of a packaged folder: BILEVEL_TEST_PACKAGED, as `scripts/packaging/test-folder.mjs` makes one. */
export const PACKAGED = process.env['BILEVEL_TEST_PACKAGED']

/**
 * The packaged program as on a machine that has nothing: no variables but a home and a display, and nothing on the path.
 * Driven through Chromium's own port, since the program lends itself to no debugger.
 */
export async function launchPackaged(workspace: string): Promise<WorkbenchWindow> {
  const desktop: Desktop = inject('desktop')
  if (PACKAGED === undefined || 'missing' in desktop) throw new Error('There is no packaged program.')
  const folder = path.dirname(workspace)
  const nothing = path.join(folder, 'nothing')
  mkdirSync(nothing)
  const program = await launchPlain(
    PACKAGED,
    [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      `--user-data-dir=${path.join(folder, 'user-data')}`
    ],
    {
      cwd: nothing,
      env: {
        HOME: folder,
        PATH: nothing,
        DISPLAY: desktop.display ?? process.env['DISPLAY'],
        BILEVEL_WORKSPACE: workspace
      }
    }
  )
  return {
    page: await program.page(),
    folder,
    reads: () => true,
    close: async () => {
      program.process.kill('SIGTERM')
      await program.ended
    }
  }
}
