import path from 'node:path'
import { _electron, errors } from 'playwright-core'
import type { ElectronApplication } from 'playwright-core'
import { inject } from 'vitest'
import type { Desktop } from '../support/build-desktop'
import type { WorkbenchWindow } from './window'

export interface DesktopWindow extends WorkbenchWindow {
  readonly app: ElectronApplication
  readonly pid: number
}

/** Why the desktop window cannot be opened here; undefined where it can. */
export function desktopMissing(): string | undefined {
  const desktop: Desktop = inject('desktop')
  return 'missing' in desktop ? desktop.missing : undefined
}

/** How Electron is started on a workspace: a user's folder of its own, beside it. */
export function desktopCommand(workspace: string): {
  binary: string
  args: string[]
  env: Record<string, string>
} {
  const desktop: Desktop = inject('desktop')
  if ('missing' in desktop) throw new Error(desktop.missing)
  const { binary, main, display } = desktop
  const userData = path.join(path.dirname(workspace), 'user-data')
  return {
    binary,
    // As root Chromium's own sandbox refuses to start.
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      `--user-data-dir=${userData}`,
      main
    ],
    env: {
      ...(process.env as Record<string, string>),
      DISPLAY: display ?? process.env['DISPLAY'] ?? '',
      BILEVEL_WORKSPACE: workspace
    }
  }
}

/** Limits end what hangs; they measure nothing. */
const ANSWER = 60_000

/**
 * The driver attaches while the program starts, and now and then on a busy machine waits for ever for an answer: then once
 * more. That the program itself always starts is tested without a driver (electron-starts.desktop.test.ts).
 */
async function attach(options: Parameters<typeof _electron.launch>[0]): Promise<ElectronApplication> {
  try {
    return await _electron.launch(options)
  } catch (error) {
    if (!(error instanceof errors.TimeoutError)) throw error
    return await _electron.launch(options)
  }
}

/** The desktop window. */
export async function launchElectron(workspace: string): Promise<DesktopWindow> {
  const { binary: executablePath, args, env } = desktopCommand(workspace)
  const app = await attach({ executablePath, args, env, timeout: ANSWER })
  return {
    app,
    pid: app.process().pid!,
    page: await app.firstWindow(),
    folder: path.dirname(workspace),
    reads: () => true,
    close: () => app.close()
  }
}
