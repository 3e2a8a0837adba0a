import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterTest } from './after-test'

export const PROJECT = path.resolve(import.meta.dirname, '../..')
export const BIN = path.join(PROJECT, 'bin/bilevel.mjs')

export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Run the real command. `during` gets the child while it works. */
export function bilevel(
  args: readonly string[],
  options: { cwd?: string; during?: (interrupt: (signal: NodeJS.Signals) => void) => void } = {}
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: options.cwd,
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += String(chunk)))
    child.stderr.on('data', (chunk) => (stderr += String(chunk)))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
    options.during?.((signal) => child.kill(signal))
  })
}

/** What such folders are called, and six signs. */
export const TEST_FOLDER = 'bilevel-test-'

/** A folder that is removed after the test; made outside of one, after its file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), TEST_FOLDER))
  afterTest(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  return folder
}

/** Wait until `ready` holds. */
export async function until(ready: () => boolean, seconds = 300): Promise<void> {
  for (let i = 0; i < seconds * 20; i++) {
    if (ready()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('It did not happen in time.')
}
