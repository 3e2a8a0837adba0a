import { randomBytes } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { open, readdir, stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Failure } from '../../../shared/domain/failure'
import { storedZipSize, zipBytes } from '../../datasets'
import type { ZipMember } from '../../datasets'

const PIECE = 1 << 18

/** Folders that were written for this window and may be fetched as one zip each. */
export class Downloads {
  readonly #folders = new Map<string, string>()

  /** @returns the address to fetch it from */
  offer(folder: string): string {
    const key = randomBytes(16).toString('hex')
    this.#folders.set(key, folder)
    return `/download/${key}`
  }

  /**
   * Send the folder as a zip of a length that is told beforehand. Where a file vanishes or changes on the way, the
   * response ends in the middle, so that nobody takes what came for the whole.
   * @returns false when there is no such offer
   * @throws Failure not-found before anything is sent, when the folder is gone
   */
  async send(
    key: string,
    response: ServerResponse,
    { headers, bodyWanted }: { headers: Readonly<Record<string, string>>; bodyWanted: boolean }
  ): Promise<boolean> {
    const folder = this.#folders.get(key)
    if (folder === undefined) return false
    const members = await membersOf(folder)
    const name = path.basename(folder).replace(/[^\w.-]/g, '_')
    response.writeHead(200, {
      ...headers,
      'Content-Type': 'application/zip',
      'Content-Length': storedZipSize(members),
      'Content-Disposition': `attachment; filename="${name}.zip"`,
      'Cache-Control': 'no-store'
    })
    if (!bodyWanted) {
      response.end()
      return true
    }
    try {
      await pipeline(Readable.from(zipBytes(members), { objectMode: false }), response)
    } catch {
      // Whoever fetched it left, or a file changed: the connection is closed by then, before its length is reached.
      response.destroy()
    }
    return true
  }
}

async function membersOf(folder: string): Promise<ZipMember[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true })
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
    return await Promise.all(files.sort().map((file) => memberOf(file, path.dirname(folder))))
  } catch (error) {
    throw new Failure(
      'not-found',
      `${folder} is not there any more, so it cannot be downloaded.`,
      'Export it again.',
      { cause: error }
    )
  }
}

async function memberOf(file: string, parent: string): Promise<ZipMember> {
  const { size, mtime, mtimeMs } = await stat(file)
  return {
    path: path.relative(parent, file).split(path.sep).join('/'),
    size,
    modified: mtime,
    bytes: () => unchanged(file, size, mtimeMs)
  }
}

/** The bytes of a file that is still what it was. @throws Error when it is another by now */
async function* unchanged(file: string, size: number, mtimeMs: number): AsyncGenerator<Uint8Array> {
  const handle = await open(file)
  try {
    for (let at = 0; at < size;) {
      const { bytesRead, buffer } = await handle.read(
        Buffer.allocUnsafe(Math.min(PIECE, size - at)),
        0,
        undefined,
        at
      )
      if (bytesRead === 0) break
      at += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
    if (await isAnother(handle, size, mtimeMs)) throw new Error(`${file} changed while it was sent.`)
  } finally {
    await handle.close()
  }
}

async function isAnother(handle: FileHandle, size: number, mtimeMs: number): Promise<boolean> {
  const now = await handle.stat()
  return now.size !== size || now.mtimeMs !== mtimeMs
}
