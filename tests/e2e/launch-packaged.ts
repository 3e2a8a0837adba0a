import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { inject } from 'vitest'
import type { Desktop } from '../support/build-desktop'
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
  const child = spawn(
    PACKAGED,
    [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--remote-debugging-port=0',
      `--user-data-dir=${path.join(folder, 'user-data')}`
    ],
    {
      cwd: nothing,
      env: {
        HOME: folder,
        PATH: nothing,
        DISPLAY: desktop.display ?? process.env['DISPLAY'],
        BILEVEL_WORKSPACE: workspace
      },
      stdio: ['ignore', 'ignore', 'pipe']
    }
  )
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const address = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stderr.on('data', (chunk) => {
      said += String(chunk)
      const found = /DevTools listening on (ws:\S+)/.exec(said)
      if (found) resolve(found[1]!)
    })
    child.once('close', (code) => reject(new Error(`The program ended with ${code}: ${said}`)))
  })
  const browser = await chromium.connectOverCDP(address, { noDefaults: true })
  const [context] = browser.contexts()
  const page = context!.pages()[0] ?? (await context!.waitForEvent('page'))
  return {
    page,
    folder,
    reads: () => true,
    close: async () => {
      child.kill('SIGTERM')
      await ended
    }
  }
}
