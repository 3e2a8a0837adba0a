import { existsSync, readdirSync, readFileSync } from 'node:fs'
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

function userDataOf(workspace: string): string {
  return path.join(path.dirname(workspace), 'user-data')
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
  return {
    binary,
    // As root Chromium's own sandbox refuses to start.
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      `--user-data-dir=${userDataOf(workspace)}`,
      main
    ],
    env: {
      ...(process.env as Record<string, string>),
      DISPLAY: display ?? process.env['DISPLAY'] ?? '',
      BILEVEL_WORKSPACE: workspace
    }
  }
}

/** An attempt is given up after so long; how long the program itself takes is not measured here. */
const ATTEMPT = 40_000
const ATTEMPTS = 5

/**
 * The driver attaches while the program starts, and now and then on a busy machine waits for ever for an answer: then once
 * more. That the program itself always starts is tested without a driver (electron-starts.desktop.test.ts).
 */
async function attach(
  options: Parameters<typeof _electron.launch>[0],
  { userData, prepare }: { userData: string; prepare: (() => Promise<void>) | undefined }
): Promise<ElectronApplication> {
  for (let attempt = 1; ; attempt++) {
    await prepare?.()
    try {
      return await _electron.launch({ ...options, timeout: ATTEMPT })
    } catch (error) {
      if (!(error instanceof errors.TimeoutError) || attempt === ATTEMPTS) throw error
      // One that lives on would be brought forward instead of a new one starting.
      endAllOn(userData)
    }
  }
}

/** Processes that were started on this folder, where the system tells. */
function endAllOn(userData: string): void {
  const ids = existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : []
  for (const id of ids) {
    try {
      const started = readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(`--user-data-dir=${userData}`)
      if (started) process.kill(Number(id), 'SIGKILL')
    } catch {
      // Gone meanwhile.
    }
  }
}

/**
 * The desktop window.
 * @param prepare puts the workspace into the state to start on, before every attempt: one that was given up may have
 * changed it
 */
export async function launchElectron(
  workspace: string,
  prepare?: () => Promise<void>
): Promise<DesktopWindow> {
  const { binary: executablePath, args, env } = desktopCommand(workspace)
  const app = await attach({ executablePath, args, env }, { userData: userDataOf(workspace), prepare })
  return {
    app,
    pid: app.process().pid!,
    page: await app.firstWindow(),
    folder: path.dirname(workspace),
    reads: () => true,
    downloads: false,
    close: () => app.close()
  }
}
