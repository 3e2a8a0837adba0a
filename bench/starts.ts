// npm run bench -- starts <count>: starts the desktop program in a real Electron, waits for its first button, and quits it; in
// turn by its menu, its window, SIGTERM and SIGINT. Tells how long each took, and what was left: no process, no lock may be.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { _electron } from 'playwright-core'
import type { ElectronApplication } from 'playwright-core'
import { openWorkspace } from '../src/main/runs'
import { prepareDesktop } from '../tests/support/build-desktop'
import { quantile } from './quantile'

const count = Number(process.argv[2] ?? 50)
/** Longer than a person should be asked to wait for the end. */
const GONE_MS = 15_000

const WAYS: readonly ((app: ElectronApplication) => Promise<unknown> | void)[] = [
  (app) => app.evaluate(({ app: electron }) => void setTimeout(() => electron.quit())),
  (app) =>
    app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      setTimeout(() => window?.close())
    }),
  (app) => void app.process().kill('SIGTERM'),
  (app) => void app.process().kill('SIGINT')
]

/** Processes that name the folder on their command line: Electron's, its page's, its training's. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc').filter((id) => {
    try {
      return /^\d+$/.test(id) && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(folder)
    } catch {
      return false
    }
  })
}

const { desktop, end } = await prepareDesktop()
if ('missing' in desktop) {
  console.error(`Not run: ${desktop.missing}`)
  process.exit(1)
}
const { binary, main, display } = desktop
const folder = mkdtempSync(path.join(os.tmpdir(), 'bilevel-starts-'))
const workspace = path.join(folder, 'workspace')
const starts: number[] = []
const ends: number[] = []
let left = 0
for (let i = 0; i < count; i++) {
  const began = performance.now()
  const app = await _electron.launch({
    executablePath: binary,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      `--user-data-dir=${path.join(folder, 'user-data')}`,
      main
    ],
    env: {
      ...(process.env as Record<string, string>),
      DISPLAY: display ?? process.env['DISPLAY'] ?? '',
      BILEVEL_WORKSPACE: workspace
    }
  })
  const page = await app.firstWindow()
  await page.getByRole('button', { name: 'Import a dataset' }).waitFor()
  starts.push(performance.now() - began)
  const asked = performance.now()
  await WAYS[i % WAYS.length]!(app)
  while (processesOf(folder).length > 0 && performance.now() - asked < GONE_MS) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  ends.push(performance.now() - asked)
  const processes = processesOf(folder)
  try {
    openWorkspace(workspace, { owns: true }).close()
  } catch (error) {
    left++
    console.log(`start ${i + 1}: ${String(error)}`)
  }
  if (processes.length > 0) {
    left++
    console.log(`start ${i + 1}: processes ${processes.join(', ')} are left`)
    for (const id of processes) process.kill(Number(id), 'SIGKILL')
  }
}
end()
const seconds = (values: number[], at: number): string => (quantile(values, at) / 1000).toFixed(2)
console.log(`${count} starts and quits, ${left} left a process or a lock`)
console.log(`first button after ${seconds(starts, 0.5)} s (median), ${seconds(starts, 1)} s at most`)
console.log(`gone after ${seconds(ends, 0.5)} s (median), ${seconds(ends, 1)} s at most`)
if (left === 0) rmSync(folder, { recursive: true, force: true })
process.exit(left === 0 ? 0 : 1)
