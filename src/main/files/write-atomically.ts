import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import path from 'node:path'

/**
 * Write beside and rename, so that a half-written file is never seen; file and folder reach the disk before this
 * returns, so that what was acknowledged outlives a power cut.
 */
export async function writeAtomically(
  file: string,
  content: string | Uint8Array | AsyncIterable<Uint8Array>
): Promise<void> {
  const beside = besideOf(file)
  try {
    const handle = await open(beside, 'wx')
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined)
    throw error
  }
  syncFolder(path.dirname(file))
}

/**
 * The same, for what must be written before the caller goes on.
 * @param mode permissions of the file
 */
export function writeAtomicallySync(file: string, content: string | Uint8Array, mode?: number): void {
  const beside = besideOf(file)
  try {
    const descriptor = openSync(beside, 'wx', mode)
    try {
      writeFileSync(descriptor, content)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(beside, file)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
  syncFolder(path.dirname(file))
}

/** Of its own for every writer: two that write one file at a time must not write into each other. */
function besideOf(file: string): string {
  return `${file}.${process.pid}-${randomBytes(4).toString('hex')}.next`
}

/** Make the names in a folder reach the disk. Where a system cannot (Windows), the rename itself must do. */
export function syncFolder(folder: string): void {
  let descriptor: number | undefined
  try {
    descriptor = openSync(folder, 'r')
    fsyncSync(descriptor)
  } catch (error) {
    if (!cannotSync(error)) throw error
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

function cannotSync(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'EISDIR' || code === 'EPERM' || code === 'EACCES' || code === 'EINVAL' || code === 'ENOTSUP'
}
