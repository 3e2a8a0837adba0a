import { readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import * as z from 'zod'
import { Failure } from '../../shared/domain/failure'
import { hashFile } from './hash-file'
import { writeAtomicallySync } from './write-atomically'

export interface FileOrder {
  readonly url: string
  /** Where it lies once it is complete and its hash right. */
  readonly target: string
  /** Hexadecimal; without it, what the server states in `x-linked-etag`, if it does. */
  readonly sha256?: string
  /** A server that does not have it is no failure, and nothing is written. */
  readonly isOptional?: boolean
  readonly signal?: AbortSignal
  /** Bytes: beyond that it is none of those that are fetched. */
  readonly mostBytes: number
  /** As sentences call it: "the extractor". */
  readonly what: string
  /** A sentence: what helps where the server does not give it. */
  readonly remedy: string
}

const HOPS = 5

/** Which file of the server a part is of: another one is not appended to it. */
const partNote = z.object({ tag: z.string() })

/** What a server says of a file. */
interface Offered {
  readonly response: Response
  /** Names this very content; empty where the server names none. */
  readonly tag: string
  readonly sha256?: string
}

/**
 * Download a file beside its place; what has arrived when the connection or the program ends is kept, and the next time
 * goes on from there.
 * @throws Failure refused where the server does not give it, conflict where it is not what it should be, cancelled
 */
export async function fetchFile(order: FileOrder, onBytes: (bytes: number) => void): Promise<void> {
  const { target, signal, what } = order
  const part = `${target}.part`
  const noteFile = `${target}.part.json`
  try {
    const offer = await requestRest(order, part, noteFile)
    if (offer.response.status === 404 && order.isOptional) return
    await receive(offer, order, part, noteFile, onBytes)
    await checkHash(part, order.url, order.sha256 ?? offer.sha256)
    renameSync(part, target)
    rmSync(noteFile, { force: true })
  } catch (error) {
    if (signal?.aborted) {
      throw new Failure(
        'cancelled',
        `Fetching ${what} was stopped.`,
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

async function requestRest(order: FileOrder, part: string, noteFile: string): Promise<OfferedRest> {
  const have = statSync(part, { throwIfNoEntry: false })?.size ?? 0
  const tag = have > 0 ? readTag(noteFile) : undefined
  // Where the hash of the file is known, a part of another one is found out at the end.
  const isKnown = have > 0 && (tag !== undefined || order.sha256 !== undefined)
  const headers: Record<string, string> = isKnown
    ? { Range: `bytes=${have}-`, ...(tag === undefined ? {} : { 'If-Range': tag }) }
    : {}
  const offer = await request(order, headers)
  // All of it had arrived, and was not taken into use yet.
  if (isKnown && offer.response.status === 416) {
    await offer.response.body?.cancel()
    rmSync(part, { force: true })
    return { ...(await request(order, {})), from: 0 }
  }
  return { ...offer, from: isKnown && offer.response.status === 206 ? have : 0 }
}

/** @throws Failure refused where the server does not give all of it */
async function receive(
  { response, tag, from }: OfferedRest,
  order: FileOrder,
  part: string,
  noteFile: string,
  onBytes: (bytes: number) => void
): Promise<void> {
  if (!response.ok || !response.body) throw refused(order, `the server answers ${response.status}`)
  if (from === 0) rmSync(part, { force: true })
  if (tag !== '') writeAtomicallySync(noteFile, JSON.stringify({ tag }))
  const length = await append(part, response, from, order, onBytes)
  const expected = Number(response.headers.get('content-length') ?? NaN) + from
  if (Number.isFinite(expected) && !response.headers.get('content-encoding') && length !== expected)
    throw refused(order, `it ended after ${length} of ${expected} bytes`)
}

function readTag(file: string): string | undefined {
  try {
    return partNote.parse(JSON.parse(readFileSync(file, 'utf8'))).tag
  } catch {
    return undefined
  }
}

/** Follows redirections itself: a hub states the hash of a file before it sends elsewhere for it. */
async function request(order: FileOrder, headers: Record<string, string>): Promise<Offered> {
  const { url, signal } = order
  let place = url
  let sha256: string | undefined
  for (let hop = 0; hop <= HOPS; hop++) {
    const response = await fetch(place, { headers, signal, redirect: 'manual' }).catch((error: unknown) => {
      if (signal?.aborted) throw error
      throw refused(order, reasonOf(error), error)
    })
    const stated = /^"?([0-9a-f]{64})"?$/.exec(response.headers.get('x-linked-etag') ?? '')?.[1]
    sha256 ??= stated
    const next = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null
    if (next === null) return { response, tag: strongTag(response), sha256 }
    await response.body?.cancel()
    const address = new URL(next, place)
    if (!/^https?:$/.test(address.protocol)) throw refused(order, `it sends to ${address.protocol}`)
    place = address.href
  }
  throw refused(order, `it sends elsewhere more than ${HOPS} times`)
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
  order: FileOrder,
  onBytes: (bytes: number) => void
): Promise<number> {
  const file = await open(part, 'a')
  let length = from
  try {
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      length += chunk.length
      if (length > order.mostBytes) throw refused(order, `it is larger than ${order.what} can be`)
      await file.appendFile(chunk)
      onBytes(length)
    }
    await file.sync()
    return length
  } catch (error) {
    if (error instanceof Failure || (error instanceof Error && 'syscall' in error)) throw error
    throw refused(order, `the connection ended after ${length} bytes`, error)
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

function refused({ url, remedy }: FileOrder, why: string, cause?: unknown): Failure {
  return new Failure('refused', `${url} cannot be fetched: ${why}.`, remedy, { cause })
}

function reasonOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : { cause: undefined }
  const inner = cause instanceof Error ? cause.message : ''
  return inner || (error instanceof Error ? error.message : String(error))
}
