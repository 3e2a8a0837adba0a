import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeEach } from 'vitest'
import { beginTest, endFile, endTest } from './after-test'
import { TEST_FOLDER } from './command'
import { RUN_FOLDER, takeForTemporary } from './run-folder'

/** What other programs keep for the next time they run, and what Chromium leaves where a test kills it. */
const KEPT = /^(tsx-|node-compile-cache|scoped_dir)/
/** In a folder of the product's: who has it. */
const LOCK = 'in-use'
/** For programs that end as the file does. */
const PATIENCE_MS = 5000

/** Temporary files of one file of tests at a time: each process of tests has a folder of its own. */
const folder = path.join(process.env[RUN_FOLDER]!, process.env['VITEST_POOL_ID'] ?? '0')
mkdirSync(folder, { recursive: true })
takeForTemporary(folder)

const left = (): string[] =>
  readdirSync(folder).flatMap((name) => {
    if (KEPT.test(name)) return []
    return existsSync(path.join(folder, name, LOCK)) ? leftByProduct(name) : [name]
  })

/** The product has one folder a process, which goes with it, or is removed by a later one where it was killed. */
function leftByProduct(name: string): string[] {
  const { pid } = JSON.parse(readFileSync(path.join(folder, name, `${LOCK}.json`), 'utf8')) as { pid: number }
  if (!isAlive(pid)) return []
  const inside = readdirSync(path.join(folder, name)).filter((file) => !file.startsWith(LOCK))
  return inside.map((file) => path.join(name, file))
}

/** A test's own folder has been removed: what is in one again was written by a program that was just ending. */
function removeWrittenLate(): void {
  for (const name of readdirSync(folder).filter((one) => one.startsWith(TEST_FOLDER)))
    rmSync(path.join(folder, name), { recursive: true, force: true, maxRetries: 10 })
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

beforeEach(beginTest)
afterEach(endTest)
// Before those of the files, so that it is the last to be done.
afterAll(async () => {
  endFile()
  const until = Date.now() + PATIENCE_MS
  while (left().length > 0 && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    removeWrittenLate()
  }
  const names = left()
  for (const name of names) rmSync(path.join(folder, name), { recursive: true, force: true, maxRetries: 10 })
  if (names.length > 0) throw new Error(`Temporary files are left behind: ${names.join(', ')}.`)
})
