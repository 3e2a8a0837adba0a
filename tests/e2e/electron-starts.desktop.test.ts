import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openWorkspace } from '@main/runs'
import { scratchFolder } from '../support/command'
import { GONE_SECONDS } from './desktop-session'
import { desktopCommand, desktopMissing } from './launch-electron'
import { launchPlain } from './launch-plain'
import type { PlainProgram } from './launch-plain'

/** BILEVEL_STARTS=50 for a long look. */
const STARTS = Number(process.env['BILEVEL_STARTS'] ?? 3)

const missing = desktopMissing()

const WAYS: readonly ((program: PlainProgram) => Promise<unknown> | void)[] = [
  (program) => program.closeWindow(),
  (program) => void program.process.kill('SIGTERM'),
  (program) => void program.process.kill('SIGINT')
]

/** Processes that name the folder on their command line: the program, its page's, its training's. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc').filter((id) => {
    try {
      return /^\d+$/.test(id) && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(folder)
    } catch {
      return false
    }
  })
}

const median = (values: number[]): string =>
  (values.sort((a, b) => a - b)[Math.floor(values.length / 2)]! / 1000).toFixed(2)

test.skipIf(missing !== undefined || process.platform !== 'linux')(
  `started, and ended by its window, SIGTERM and SIGINT in turn, the program leaves no process and no lock${missing ? ` (skipped: ${missing})` : ''}`,
  { timeout: STARTS * 60_000 },
  async () => {
    const { dir, remove } = scratchFolder()
    const workspace = path.join(dir, 'workspace')
    const starts: number[] = []
    const ends: number[] = []
    for (let i = 0; i < STARTS; i++) {
      const began = performance.now()
      const { binary, args, env } = desktopCommand(workspace)
      const program = await launchPlain(binary, args, { env })
      starts.push(performance.now() - began)
      const asked = performance.now()
      await WAYS[i % WAYS.length]!(program)
      await expect
        .poll(() => processesOf(dir), { timeout: GONE_SECONDS * 1000, message: `start ${i + 1}` })
        .toEqual([])
      ends.push(performance.now() - asked)
      // Nobody has the workspace any more.
      openWorkspace(workspace, { owns: true }).close()
    }
    console.log(
      `${STARTS} starts: first page after ${median(starts)} s, gone after ${median(ends)} s (medians)`
    )
    remove()
  }
)
