import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import path from 'node:path'
import { ZipFile } from 'yazl'

/** Folders that were written for this window and may be fetched as one zip each. */
export class Downloads {
  readonly #folders = new Map<string, string>()

  /** @returns the address to fetch it from */
  offer(folder: string): string {
    const key = randomBytes(16).toString('hex')
    this.#folders.set(key, folder)
    return `/download/${key}`
  }

  /** @returns false when there is no such offer */
  send(key: string, response: ServerResponse): boolean {
    const folder = this.#folders.get(key)
    if (folder === undefined) return false
    const name = path.basename(folder).replace(/[^\w.-]/g, '_')
    response.writeHead(200, {
      'Content-Type': 'application/zip',
      'Content-Disposition': `attachment; filename="${name}.zip"`
    })
    const zip = new ZipFile()
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      if (!entry.isFile()) continue
      const file = path.join(entry.parentPath, entry.name)
      zip.addFile(file, path.relative(path.dirname(folder), file).split(path.sep).join('/'))
    }
    zip.end()
    zip.outputStream.pipe(response)
    return true
  }
}
