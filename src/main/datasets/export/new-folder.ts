import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { badInput, Failure } from '../../../shared/domain/failure'
import { syncTree } from '../../files/sync-tree'
import { fileFailure } from '../../file-formats/file-failure'
import { recordFolder, writeToken } from '../store/leftovers'
import { discardFolder, publishFolder, TEMPORARY_PREFIX } from '../store/temporary-folder'

/**
 * Write a folder: under a hidden name beside `out` first, renamed when the work is done. However the work ends,
 * nothing half-written is seen, and what it had written is removed; where the process is killed, the workspace knows
 * what it left. Nothing else in the user's folder is touched.
 * @param work writes into `folder`; `scratch` is for what is not to stay
 * @throws Failure bad-input when `out` holds something; refused when the disk does not take it, in words of `out`
 */
export async function writeNewFolder<T>(
  out: string,
  work: (folder: string, scratch: string) => Promise<T>
): Promise<T> {
  checkOut(out)
  const absolute = path.resolve(out)
  const parent = path.dirname(absolute)
  const token = randomBytes(16).toString('hex')
  const hidden = path.join(parent, `${TEMPORARY_PREFIX}${process.pid}-${token.slice(0, 8)}`)
  const folder = path.join(hidden, path.basename(absolute))
  let forget: (() => void) | undefined
  let made: string | undefined
  try {
    forget = recordFolder(hidden, token)
    made = mkdirSync(parent, { recursive: true })
    mkdirSync(hidden)
    writeToken(hidden, token)
    mkdirSync(folder)
    const result = await work(folder, hidden)
    await syncTree(folder)
    if (!publishFolder(folder, absolute)) throw notEmpty(out)
    return result
  } catch (error) {
    throw inWordsOf(out, folder, fileFailure(error, out))
  } finally {
    if (discarded(hidden)) forget?.()
    if (made !== undefined) removeEmpty(parent, made)
  }
}

/** @returns false when the disk does not let it go: it stays recorded as a leftover */
function discarded(folder: string): boolean {
  try {
    discardFolder(folder)
    return true
  } catch {
    return false
  }
}

/** @throws Failure bad-input when the folder holds something */
export function checkOut(out: string): void {
  try {
    if (!existsSync(out)) return
    if (!statSync(out).isDirectory()) {
      throw badInput(`${out} is a file.`, 'Name a folder that does not exist yet.')
    }
    if (readdirSync(out).length > 0) throw notEmpty(out)
  } catch (error) {
    throw fileFailure(error, out)
  }
}

function notEmpty(out: string): Error {
  return badInput(`The output folder ${out} is not empty.`, 'Name another folder, or empty it first.')
}

/** The hidden folder means nothing to a reader. */
function inWordsOf(out: string, folder: string, error: unknown): unknown {
  if (!(error instanceof Failure) || !error.message.includes(folder)) return error
  return new Failure(error.code, error.message.replaceAll(folder, out), error.remedy, { cause: error.cause })
}

/** Remove folders that were made on the way to `out` and hold nothing, from `folder` up to `highest`. */
function removeEmpty(folder: string, highest: string): void {
  try {
    for (let at = folder; at.length >= highest.length; at = path.dirname(at)) rmdirSync(at)
  } catch {
    // It holds something: the export itself, or another's.
  }
}
