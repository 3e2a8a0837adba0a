import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openWorkspace } from '@main/runs'
import { temporaryFolder } from '../support/command'
import { GONE_SECONDS } from './desktop-session'
import { desktopMissing } from './launch-electron'
import { PACKAGED } from './launch-packaged'
import { launchPlain } from './launch-plain'
import type { PlainProgram } from './launch-plain'
import { PLAIN, plainCommand } from './plain-command'

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

/** The files of the packaged program out of the system's memory, as after a while of other work. */
function forgetFiles(folder: string): void {
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue
    execFileSync('dd', [`if=${path.join(file.parentPath, file.name)}`, 'iflag=nocache', 'count=0'], {
      stdio: 'ignore'
    })
  }
}

/** What processes have taken of all processors so far, in milliseconds: told of in hundredths of a second. */
function processorTime(processes: readonly string[]): number {
  const ticks = processes.map((id) => {
    // After the name in brackets, which may hold blanks: user and system time are the 12th and 13th.
    const fields = readFileSync(`/proc/${id}/stat`, 'utf8').split(') ').pop()!.split(' ')
    return Number(fields[11]) + Number(fields[12])
  })
  return 10 * ticks.reduce((sum, each) => sum + each, 0)
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(2)
const median = (values: number[]): string =>
  seconds(values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!)

test.skipIf(missing !== undefined || process.platform !== 'linux')(
  `started, and ended by its window, SIGTERM and SIGINT in turn, ${PLAIN} leaves no process and no lock${missing ? ` (skipped: ${missing})` : ''}`,
  { timeout: STARTS * 60_000 },
  async () => {
    const dir = temporaryFolder()
    const workspace = path.join(dir, 'workspace')
    const starts: number[] = []
    const work: number[] = []
    const ends: number[] = []
    for (let i = 0; i < STARTS; i++) {
      const command = plainCommand(workspace)
      if (i === 0 && PACKAGED !== undefined) forgetFiles(path.dirname(PACKAGED))
      const began = performance.now()
      const program = await launchPlain(command)
      starts.push(performance.now() - began)
      work.push(processorTime(processesOf(dir)))
      const asked = performance.now()
      await WAYS[i % WAYS.length]!(program)
      await expect
        .poll(() => processesOf(dir), { timeout: GONE_SECONDS * 1000, message: `start ${i + 1}` })
        .toEqual([])
      ends.push(performance.now() - asked)
      // Nobody has the workspace any more.
      openWorkspace(workspace, { owns: true }).close()
    }
    const [first, ...warm] = starts
    console.log(
      `${PLAIN}: a first button after ${seconds(first!)} s the first time, ${median(warm)} s the next ${warm.length}, ` +
        `${median(work)} s of processor until then; gone after ${median(ends)} s (medians)`
    )
  }
)

test.skipIf(missing !== undefined || process.platform === 'win32')(
  `a workspace that cannot be opened: ${PLAIN} says so, starts nothing else, and ends when the system asks${missing ? ` (skipped: ${missing})` : ''}`,
  async () => {
    const dir = temporaryFolder()
    const file = path.join(dir, 'a-file')
    writeFileSync(file, '')
    await expect(launchPlain(plainCommand(path.join(file, 'workspace')))).rejects.toThrow(file)
    await expect.poll(() => processesOf(dir), { timeout: GONE_SECONDS * 1000 }).toEqual([])
  }
)
