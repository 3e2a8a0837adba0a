import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** Says where it is to the processes of the tests, and that there is one: projects read the configuration again. */
export const RUN_FOLDER = 'BILEVEL_TEST_FOLDER'
const BEGINNING = 'bilevel-tests-'
/** No run of the tests takes so long: what is older was left by one that was killed. */
const LEFT_AFTER_MS = 24 * 3_600_000

/**
 * One folder for all temporary files of a run of the tests, also of the programs that they start. It is removed as this
 * process ends; where that is killed, by a later run.
 */
export function useRunFolder(): void {
  if (process.env[RUN_FOLDER] !== undefined) return
  // A Mac's own folder has so long a name that sockets below it, as Chromium's, get none.
  const parent = process.platform === 'darwin' ? '/tmp' : os.tmpdir()
  removeOld(parent)
  const folder = mkdtempSync(path.join(parent, BEGINNING))
  process.once('exit', () => remove(folder))
  process.env[RUN_FOLDER] = folder
  takeForTemporary(folder)
}

/** What this process, and each that it starts from now on, takes for the folder for temporary files. */
export function takeForTemporary(folder: string): void {
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder
}

function removeOld(parent: string): void {
  const begun = readdirSync(parent).filter((name) => name.startsWith(BEGINNING))
  for (const folder of begun.map((name) => path.join(parent, name))) {
    const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Infinity
    if (Date.now() - made > LEFT_AFTER_MS) remove(folder)
  }
}

/** A program that outlives the tests may still write there, and the folder may be another user's. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  } catch (error) {
    process.stderr.write(`Temporary files of tests stay: ${String(error)}\n`)
  }
}
