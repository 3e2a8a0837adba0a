import { createWriteStream, statfsSync } from 'node:fs'
import type { Dirent } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import path from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { badInput, Failure } from '../../../shared/domain/failure'
import { createTemporaryFolder, discardFolder, fileFailure, sweepTemporaryFolders } from '../../datasets'

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
  /** Bytes that uploads running now have announced or sent, all together. */
  #running = 0
  /** Bytes of the files that an upload has brought so far. */
  readonly #kept = new Map<string, number>()
  /** Files that are being written. */
  readonly #writing = new Set<string>()

  constructor(
    private readonly folder: string,
    /** Bytes of one upload, all its files together, and of all uploads that run at a time. */
    readonly limit: number
  ) {}

  /** Remove what earlier sessions left. */
  async sweep(): Promise<void> {
    sweepTemporaryFolders(this.folder)
    for (const name of await readdir(this.folder).catch(() => [])) {
      if (name.startsWith('.')) continue
      const entry = path.join(this.folder, name)
      const age = Date.now() - (await stat(entry)).mtimeMs
      if (age > DAY_MS) await rm(entry, { recursive: true, force: true })
    }
  }

  /**
   * Write one file of an upload. Until all of it is there, it lies in a hidden folder of its own.
   * @param address `<upload id>/<path in it>`, still percent-encoded
   * @returns what to import: the file, or the folder that holds all of the upload
   * @throws Failure refused for a path with ".."; conflict when that file is being sent already; UploadTooLarge;
   * bad-input or refused where the disk does not take it
   */
  async receive(address: string, body: IncomingMessage): Promise<string> {
    const { id, parts } = parseAddress(address)
    const root = path.join(this.folder, id)
    const file = path.join(root, ...parts)
    if (this.#writing.has(file)) {
      throw new Failure(
        'conflict',
        `${parts.join('/')} is being sent already.`,
        'Wait for that upload to end, or cancel it.'
      )
    }
    this.#writing.add(file)
    try {
      await this.#keep(file, root, parts, body)
    } finally {
      this.#writing.delete(file)
    }
    const [only, ...more] = await readdir(root)
    return only && more.length === 0 ? path.join(root, only) : root
  }

  async #keep(file: string, root: string, parts: readonly string[], body: IncomingMessage): Promise<void> {
    this.#kept.set(root, await sizeOf(root))
    const reservation = new Reservation({
      room: () => this.limit - this.#running - (this.#kept.get(root) ?? 0),
      take: (bytes) => (this.#running += bytes)
    })
    let temporary: string | undefined
    try {
      // Known in advance as a rule: then nothing is written at all.
      const announced = Number(body.headers['content-length'] ?? 0)
      if (!reservation.claim(announced)) throw new UploadTooLarge(this.limit)
      temporary = createTemporaryFolder(this.folder)
      checkRoom(announced, this.folder, parts)
      const partial = path.join(temporary, 'part')
      await pipeline(body, this.#counter(reservation), createWriteStream(partial, { flush: true }))
      await mkdir(path.dirname(file), { recursive: true })
      await rename(partial, file)
      this.#kept.set(root, await sizeOf(root))
    } catch (error) {
      throw error instanceof Failure ? error : unwritable(parts, error)
    } finally {
      reservation.release()
      if (temporary) discardFolder(temporary)
    }
  }

  /** What is too much is read but not kept: a sender hears an answer only after it has said everything. */
  #counter(reservation: Reservation): Transform {
    let bytes = 0
    let fits = true
    const { limit } = this
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length
        fits &&= reservation.claim(bytes)
        if (fits) done(null, chunk)
        else done()
      },
      flush(done) {
        done(fits ? null : new UploadTooLarge(limit))
      }
    })
  }
}

/** The part of the limit that one running upload takes; all that run share the limit. */
class Reservation {
  #bytes = 0

  constructor(private readonly shared: { room(): number; take(bytes: number): void }) {}

  /** Take so many bytes in all. @returns false when they do not fit beside what others have taken */
  claim(bytes: number): boolean {
    const more = bytes - this.#bytes
    if (more <= 0) return true
    if (more > this.shared.room()) return false
    this.shared.take(more)
    this.#bytes = bytes
    return true
  }

  release(): void {
    this.shared.take(-this.#bytes)
    this.#bytes = 0
  }
}

/** Bytes that stay free for the workspace's own records. */
const KEPT_FREE = 64 << 20

/** @throws Failure refused when the disk has no room for so many bytes */
function checkRoom(bytes: number, folder: string, parts: readonly string[]): void {
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  if (bytes === 0 || bytes + Math.min(KEPT_FREE, free / 2) <= free) return
  const mebibytes = (size: number): string => `${(size / 2 ** 20).toFixed(1)} MiB`
  throw new Failure(
    'refused',
    `${parts.join('/')} needs ${mebibytes(bytes)}, but the disk of the workspace has only ${mebibytes(free)} free.`,
    'Free some space on it, or start with a workspace on another disk.'
  )
}

function unwritable(parts: readonly string[], error: unknown): Failure {
  const known = fileFailure(error, parts.join('/'))
  if (known instanceof Failure && known.code === 'refused') return known
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
