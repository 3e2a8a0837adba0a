import { createWriteStream } from 'node:fs'
import type { Dirent } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import path from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { badInput, Failure } from '../../../shared/domain/failure'

const DAY_MS = 24 * 3600 * 1000
/** Folders inside folders of an upload. */
const DEEPEST = 16

/** More than the server was told to take. */
export class UploadTooLarge extends Failure {
  constructor(limit: number) {
    super(
      'refused',
      `The upload is larger than ${(limit / 2 ** 30).toFixed(1)} GiB.`,
      'Copy the data to this machine and import it by its path, or start the workbench with a larger limit (--upload-limit).'
    )
  }
}

/** Files that a browser sends, since it cannot say where they lie; kept until they have been imported. */
export class Uploads {
  constructor(
    private readonly folder: string,
    /** Bytes of one upload, all its files together. */
    readonly limit: number
  ) {}

  /** Remove what earlier sessions left. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.folder).catch(() => [])) {
      const entry = path.join(this.folder, name)
      const age = Date.now() - (await stat(entry)).mtimeMs
      if (age > DAY_MS) await rm(entry, { recursive: true, force: true })
    }
  }

  /**
   * Write one file of an upload.
   * @param address `<upload id>/<path in it>`, still percent-encoded
   * @returns what to import: the file, or the folder that holds all of the upload
   * @throws Failure refused for a path with ".."; UploadTooLarge; bad-input where the disk does not take it
   */
  async receive(address: string, body: IncomingMessage): Promise<string> {
    const { id, parts } = parseAddress(address)
    const root = path.join(this.folder, id)
    const file = path.join(root, ...parts)
    // Known in advance as a rule: then nothing is written at all.
    const announced = Number(body.headers['content-length'] ?? 0)
    if (announced + (await sizeOf(root)) > this.limit) throw new UploadTooLarge(this.limit)
    const partial = `${file}.part`
    try {
      await mkdir(path.dirname(file), { recursive: true })
      await pipeline(body, this.#counter(await sizeOf(root)), createWriteStream(partial))
      await rename(partial, file)
    } catch (error) {
      await rm(partial, { force: true, recursive: true }).catch(() => undefined)
      throw error instanceof Failure ? error : unwritable(parts, error)
    }
    const [only, ...more] = await readdir(root)
    return only && more.length === 0 ? path.join(root, only) : root
  }

  /** What is too much is read but not kept: a sender hears an answer only after it has said everything. */
  #counter(before: number): Transform {
    let bytes = before
    const { limit } = this
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length
        if (bytes <= limit) done(null, chunk)
        else done()
      },
      flush(done) {
        done(bytes <= limit ? null : new UploadTooLarge(limit))
      }
    })
  }
}

function unwritable(parts: readonly string[], error: unknown): Failure {
  const { code = 'unknown' } = error as NodeJS.ErrnoException
  return badInput(
    `${parts.join('/')} cannot be kept on this machine (${code}).`,
    'See that its disk has room, and that no folder of the upload is named like a file of it.',
    error
  )
}

function parseAddress(address: string): { id: string; parts: string[] } {
  const [id = '', ...encoded] = address.split('/')
  const parts = encoded.map(decoded)
  const good = (part: string): boolean =>
    part !== '' && part !== '.' && part !== '..' && part.length < 256 && !/[/\\\0]/.test(part)
  if (!/^[0-9a-f-]{36}$/.test(id) || parts.length === 0 || parts.length > DEEPEST || !parts.every(good)) {
    throw new Failure(
      'refused',
      'The name of an uploaded file may not lead out of its folder.',
      'Rename the file and send it again.'
    )
  }
  return { id, parts }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (error) {
    throw badInput(`"${part}" is not a file name.`, 'Rename the file and send it again.', error)
  }
}

async function sizeOf(folder: string): Promise<number> {
  let total = 0
  for (const entry of await entriesOf(folder)) {
    if (entry.isFile()) total += (await stat(path.join(entry.parentPath, entry.name))).size
  }
  return total
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true, recursive: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
