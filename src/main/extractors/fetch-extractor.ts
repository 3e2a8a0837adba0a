import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { Failure } from '../../shared/domain/failure'
import { hashFile } from '../files/hash-file'
import { syncTree } from '../files/sync-tree'
import { writeAtomicallySync } from '../files/write-atomically'
import type { DefaultExtractor } from './default-extractors'
import { addExtractor, EXTRACTORS_FOLDER, fetchedFolder } from './registry'
import type { ExtractorNote } from './registry'

/** Progress of fetching, and how to end it: what has arrived is kept, and the next time goes on from there. */
export interface FetchWatch {
  onProgress?(bytes: number, total: number, file: string): void
  readonly signal?: AbortSignal
}

const HOPS = 5
/** A file beyond this is none of the listed ones. */
const MOST_BYTES = 4 * 2 ** 30

/** Which file of the server a part is of: another one is not appended to it. */
const partNote = z.object({ tag: z.string() })

/** What a server says of a file. */
interface Offered {
  readonly response: Response
  /** Names this very content; empty where the server names none. */
  readonly tag: string
  /** SHA-256 that the hub states, of files that it keeps apart (Git LFS). */
  readonly sha256?: string
}

/**
 * Fetch a default extractor into the workspace, because a person said so, and let the workspace know it.
 * @throws Failure refused where the server does not give it, conflict where it is not what it should be, cancelled
 */
export async function fetchExtractor(
  workspace: string,
  offered: DefaultExtractor,
  watch: FetchWatch = {}
): Promise<ExtractorNote> {
  const { name, files, url } = offered
  const folder = fetchedFolder(workspace, name)
  const arriving = path.join(workspace, EXTRACTORS_FOLDER, `.fetching-${name}`)
  let before = 0
  for (const { path: file, sha256, isOptional = false } of files) {
    const target = path.join(arriving, file)
    mkdirSync(path.dirname(target), { recursive: true })
    if (!existsSync(target)) {
      const onBytes = (bytes: number): void =>
        watch.onProgress?.(before + bytes, Math.max(offered.bytes, before + bytes), file)
      await fetchFile(`${url}/${file}`, target, { sha256, isOptional, signal: watch.signal }, onBytes)
    }
    before += statSync(target, { throwIfNoEntry: false })?.size ?? 0
  }
  await syncTree(arriving)
  rmSync(folder, { recursive: true, force: true })
  renameSync(arriving, folder)
  return addExtractor(workspace, folder, { name, url })
}

/** One file, beside its place until it is complete and its hash right. */
async function fetchFile(
  url: string,
  target: string,
  { sha256, isOptional, signal }: { sha256?: string; isOptional: boolean; signal?: AbortSignal },
  onBytes: (bytes: number) => void
): Promise<void> {
  const part = `${target}.part`
  const noteFile = `${target}.part.json`
  try {
    const offer = await requestRest(url, part, noteFile, signal)
    if (offer.response.status === 404 && isOptional) return
    await receive(offer, url, part, noteFile, onBytes)
    await checkHash(part, url, sha256 ?? offer.sha256)
    renameSync(part, target)
    rmSync(noteFile, { force: true })
  } catch (error) {
    if (signal?.aborted) {
      throw new Failure(
        'cancelled',
        'Fetching the extractor was stopped.',
        'What has arrived is kept: fetch it again to go on from there.',
        { cause: error }
      )
    }
    throw error
  }
}

/** What a server offers of a file of which a part may have arrived before. */
interface OfferedRest extends Offered {
  /** Bytes that the response goes on from; 0 where it begins anew. */
  readonly from: number
}

async function requestRest(
  url: string,
  part: string,
  noteFile: string,
  signal: AbortSignal | undefined
): Promise<OfferedRest> {
  const have = statSync(part, { throwIfNoEntry: false })?.size ?? 0
  const known = have > 0 ? readTag(noteFile) : undefined
  const headers = known === undefined ? undefined : { Range: `bytes=${have}-`, 'If-Range': known }
  const offer = await request(url, headers ?? {}, signal)
  return { ...offer, from: headers && offer.response.status === 206 ? have : 0 }
}

/** @throws Failure refused where the server does not give all of it */
async function receive(
  { response, tag, from }: OfferedRest,
  url: string,
  part: string,
  noteFile: string,
  onBytes: (bytes: number) => void
): Promise<void> {
  if (!response.ok || !response.body) throw refused(url, `the server answers ${response.status}`)
  if (from === 0) rmSync(part, { force: true })
  if (tag !== '') writeAtomicallySync(noteFile, JSON.stringify({ tag }))
  const length = await append(part, response, from, onBytes)
  const expected = Number(response.headers.get('content-length') ?? NaN) + from
  if (Number.isFinite(expected) && !response.headers.get('content-encoding') && length !== expected)
    throw refused(url, `it ended after ${length} of ${expected} bytes`)
}

function readTag(file: string): string | undefined {
  try {
    return partNote.parse(JSON.parse(readFileSync(file, 'utf8'))).tag
  } catch {
    return undefined
  }
}

/** Follows redirections itself: the hub states the hash of a file before it sends elsewhere for it. */
async function request(url: string, headers: Record<string, string>, signal?: AbortSignal): Promise<Offered> {
  let place = url
  let sha256: string | undefined
  for (let hop = 0; hop <= HOPS; hop++) {
    const response = await fetch(place, { headers, signal, redirect: 'manual' }).catch((error: unknown) => {
      if (signal?.aborted) throw error
      throw refused(url, reasonOf(error), error)
    })
    const stated = /^"?([0-9a-f]{64})"?$/.exec(response.headers.get('x-linked-etag') ?? '')?.[1]
    sha256 ??= stated
    const next = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null
    if (next === null) return { response, tag: strongTag(response), sha256 }
    await response.body?.cancel()
    const address = new URL(next, place)
    if (!/^https?:$/.test(address.protocol)) throw refused(url, `it sends to ${address.protocol}`)
    place = address.href
  }
  throw refused(url, `it sends elsewhere more than ${HOPS} times`)
}

/** Weak tags do not promise the same bytes. */
function strongTag({ headers }: Response): string {
  const tag = headers.get('etag') ?? ''
  return tag.startsWith('W/') ? '' : tag
}

/** @returns bytes of the part afterwards */
async function append(
  part: string,
  { body }: Response,
  from: number,
  onBytes: (bytes: number) => void
): Promise<number> {
  const file = await open(part, 'a')
  let length = from
  try {
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      length += chunk.length
      if (length > MOST_BYTES) throw refused(part, 'it is larger than any extractor')
      await file.appendFile(chunk)
      onBytes(length)
    }
    await file.sync()
    return length
  } catch (error) {
    if (error instanceof Failure || (error instanceof Error && 'syscall' in error)) throw error
    throw refused(part, `the connection ended after ${length} bytes`, error)
  } finally {
    await file.close()
  }
}

async function checkHash(part: string, url: string, stated: string | undefined): Promise<void> {
  if (stated === undefined) return
  const found = await hashFile(part)
  if (found === stated) return
  rmSync(part, { force: true })
  throw new Failure(
    'conflict',
    `${url} arrived with the SHA-256 ${found} instead of ${stated}.`,
    'Fetch it again; if it stays so, the file there was changed.'
  )
}

function refused(url: string, why: string, cause?: unknown): Failure {
  return new Failure(
    'refused',
    `${url} cannot be fetched: ${why}.`,
    'Check the connection and try again; or download the folder elsewhere and name it with "bilevel extractors add".',
    { cause }
  )
}

function reasonOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : { cause: undefined }
  const inner = cause instanceof Error ? cause.message : ''
  return inner || (error instanceof Error ? error.message : String(error))
}
