import { readSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { badInput, type Failure } from '../../shared/domain/failure'

/**
 * Fill `bytes` from a place in a file. The operating system may give less than asked for; what a file does not hold
 * is never taken for zeros.
 * @throws Failure bad-input when the file ends before
 */
export function readFullySync(descriptor: number, bytes: Uint8Array, position: number, name: string): void {
  for (let done = 0; done < bytes.length;) {
    const read = readSync(descriptor, bytes, done, bytes.length - done, position + done)
    if (read === 0) throw truncated(name, position + done)
    done += read
  }
}

/** The same without waiting. */
export async function readFully(
  handle: FileHandle,
  bytes: Uint8Array,
  position: number,
  name: string
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, position + done)
    if (bytesRead === 0) throw truncated(name, position + done)
    done += bytesRead
  }
}

function truncated(name: string, at: number): Failure {
  return badInput(
    `${name} is truncated: it ends before byte ${at + 1}.`,
    'Take it from a backup, or make it again.'
  )
}
