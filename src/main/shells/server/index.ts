// The served workbench: the same window in a browser, for a machine with the GPU and no display.
import { randomBytes } from 'node:crypto'
import { createServer, STATUS_CODES } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { failureData, Failure } from '../../../shared/domain/failure'
import type { FailureCode } from '../../../shared/domain/failure'
import { openApi, serveSocket, withWindowWords } from '../../api'
import type { ApiShell } from '../../api'
import { tellError, tellLog } from '../../log'
import { openWorkspace } from '../../runs'
import { beginLog } from '../begin-log'
import { noUpdates } from '../no-updates'
import { Admission, isLoopback } from './admission'
import { CompressedFiles, encodingFor } from './compression'
import type { Encoding } from './compression'
import { Downloads } from './downloads'
import { AllowedFolders } from './folders'
import { Uploads, UploadTooLarge } from './uploads'
import { readWindowFiles } from './window-files'
import type { WindowFile } from './window-files'
import { WINDOW_HEADERS } from './window-headers'

export interface ServerOptions {
  readonly workspace: string
  /** Folder of the built window. */
  readonly window: string
  /** Default: this machine only. */
  readonly host?: string
  /** Default: a free one. */
  readonly port?: number
  /** Folders the window may use beside the workspace. */
  readonly folders: readonly string[]
  readonly allowHosts?: readonly string[]
  /** Bytes. */
  readonly uploadLimit?: number
  /** By default a random one for each start. */
  readonly token?: string
  readonly examine: ApiShell['examine']
}

export interface RunningServer {
  /** With the token: whoever opens it may use the workbench. */
  readonly url: string
  readonly exposed: boolean
  close(): Promise<void>
}

const UPLOAD_LIMIT = 8 * 2 ** 30
/** A message of the API; data comes as uploads and pictures go out. */
const LARGEST_MESSAGE = 16 * 2 ** 20

/** @throws Failure bad-input when the address cannot be bound or the workspace not be written */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const host = options.host ?? '127.0.0.1'
  const exposed = !isLoopback(host)
  const workspace = openWorkspace(options.workspace, { owns: true })
  beginLog(workspace.dir, 'served')
  const folders = new AllowedFolders([...options.folders, workspace.dir])
  const uploads = new Uploads(path.join(workspace.dir, 'uploads'), options.uploadLimit ?? UPLOAD_LIMIT)
  await uploads.sweep()
  const downloads = new Downloads()
  const token = options.token ?? randomBytes(32).toString('base64url')
  const admission = new Admission(token, host, options.allowHosts)
  const api = openApi(workspace, {
    info: {
      shell: 'server',
      recentWorkspaces: [],
      folders: [...folders.folders],
      exportFolder: path.join(workspace.dir, 'exports'),
      uploadLimit: uploads.limit,
      exposed
    },
    examine: options.examine,
    updates: noUpdates('A served workbench is updated where it was installed, for example with npm.'),
    allow: (wanted) => folders.allow(wanted),
    offer: (folder) => downloads.offer(folder)
  })
  const files = readWindowFiles(options.window)
  const compressed = new CompressedFiles()
  const server = createServer((request, response) => {
    // Whoever asked may leave at any moment: that ends this answer, and nothing else.
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    answer(request, response, { admission, files, compressed, uploads, downloads }).catch(
      (error: unknown) => {
        // Whoever asked has gone in the middle: there is nobody to tell.
        if (response.destroyed) return
        const failure = withWindowWords(failureData(error), workspace.dir)
        if (failure.code === 'internal') tellError(error)
        if (!response.headersSent) {
          response.writeHead(statusOf(error), { ...WINDOW_HEADERS, 'Content-Type': 'application/json' })
        }
        response.end(JSON.stringify(failure))
      }
    )
  })
  setTimeouts(server)
  // Too many connections at a time, for example: those that are open go on.
  server.on('error', tellError)
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE })
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    // A connection that breaks concerns nobody else.
    socket.on('error', () => socket.destroy())
    const refusal = admission.refuse(request, true)
    if (refusal) return refuseUpgrade(socket, refusal.status, refusal.sentence)
    if (request.url !== '/rpc') return refuseUpgrade(socket, 404, NOTHING_HERE)
    sockets.handleUpgrade(request, socket, head, (open) => {
      // Too large a message or a broken one: the connection is closed by then, and only that connection.
      open.on('error', () => undefined)
      serveSocket(open, api.context)
    })
  })
  const close = async (): Promise<void> => {
    for (const socket of sockets.clients) socket.close(1001)
    server.close()
    server.closeAllConnections()
    try {
      await api.close()
    } finally {
      tellLog('stop')
      workspace.close()
    }
  }
  try {
    const port = await listen(server, host, options.port ?? 0)
    admission.useCookieOf(port)
    const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
    const url = `http://${shown}:${port}/?token=${token}`
    workspace.tellAddress(url)
    return { url, exposed, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Headers must come within so long. */
const HEADERS_MS = 30_000
/** A connection on which nothing moves is closed after so long: whoever sends or fetches has gone, or means no good. */
const SILENCE_MS = 120_000
/** A browser lets a download that a person holds rest for so long. */
const PAUSED_DOWNLOAD_MS = 3600_000

/** An upload may last for hours as long as it moves; Node's own limit of 5 minutes would cut it off. */
export function setTimeouts(server: ReturnType<typeof createServer>): void {
  server.requestTimeout = 0
  server.headersTimeout = HEADERS_MS
  server.timeout = SILENCE_MS
}

const NOTHING_HERE = 'There is nothing at this address.'

interface Parts {
  readonly admission: Admission
  readonly files: ReadonlyMap<string, WindowFile>
  readonly compressed: CompressedFiles
  readonly uploads: Uploads
  readonly downloads: Downloads
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: Parts): Promise<void> {
  const { admission, uploads } = parts
  const [address = '/', query = ''] = (request.url ?? '/').split('?', 2)
  const writing = request.method !== 'GET' && request.method !== 'HEAD'
  if (!writing && address === '/' && bringsToken(request, query, admission)) {
    // Out of the address bar and into a cookie.
    response
      .writeHead(303, { ...WINDOW_HEADERS, 'Set-Cookie': admission.cookieHeader(), Location: './' })
      .end()
    return
  }
  const refusal = admission.refuse(request, writing)
  if (refusal) return refuse(response, refusal.status, refusal.sentence)
  if (request.method === 'PUT' && address.startsWith('/upload/')) {
    const path = await uploads.receive(address.slice('/upload/'.length), request)
    response
      .writeHead(200, { ...WINDOW_HEADERS, 'Content-Type': 'application/json' })
      .end(JSON.stringify({ path }))
    return
  }
  if (writing) return refuse(response, 405, 'This address only answers.')
  const wanted = {
    body: request.method !== 'HEAD',
    encoding: encodingFor(request.headers['accept-encoding'])
  }
  await send(address, wanted, response, parts)
}

/** Whether a request follows the link from the terminal, with its token. */
function bringsToken(request: IncomingMessage, query: string, admission: Admission): boolean {
  if (!query.startsWith('token=') || admission.refuseOrigin(request, false)) return false
  return admission.knows(new URLSearchParams(query).get('token'))
}

/** A download or a file of the window. */
async function send(
  address: string,
  wanted: { readonly body: boolean; readonly encoding: Encoding | undefined },
  response: ServerResponse,
  { files, compressed, downloads }: Pick<Parts, 'files' | 'compressed' | 'downloads'>
): Promise<void> {
  if (address.startsWith('/download/')) {
    response.setTimeout(PAUSED_DOWNLOAD_MS)
    const key = address.slice('/download/'.length)
    if (await downloads.send(key, response, { headers: WINDOW_HEADERS, bodyWanted: wanted.body })) return
  }
  const file = files.get(address)
  if (!file) return refuse(response, 404, NOTHING_HERE)
  const packed = wanted.encoding && (await compressed.get(file, wanted.encoding))
  const body = packed ?? file.body
  response.writeHead(200, {
    ...WINDOW_HEADERS,
    'Content-Type': file.type,
    'Content-Length': body.length,
    ...(packed ? { 'Content-Encoding': wanted.encoding } : {}),
    Vary: 'Accept-Encoding',
    'Cache-Control': file.lasting ? 'private, max-age=31536000, immutable' : 'no-store'
  })
  response.end(wanted.body ? body : undefined)
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  response
    .writeHead(status, {
      ...WINDOW_HEADERS,
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'no-store',
      // Whatever the stranger still has to say is not waited for.
      Connection: 'close'
    })
    .end(`${sentence}\n`)
}

/** The same to someone who asked for a web socket; the connection is not a response yet. */
function refuseUpgrade(socket: Duplex, status: number, sentence: string): void {
  const body = `${sentence}\n`
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body
    ].join('\r\n')
  )
}

const STATUS: Partial<Record<FailureCode, number>> = {
  refused: 403,
  'not-found': 404,
  conflict: 409,
  internal: 500
}

function statusOf(error: unknown): number {
  if (error instanceof UploadTooLarge) return 413
  return error instanceof Failure ? (STATUS[error.code] ?? 400) : 500
}

function listen(server: ReturnType<typeof createServer>, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const remedy =
        error.code === 'EADDRINUSE'
          ? 'Choose another port (--port), or leave it out.'
          : 'Choose another address (--host) or port (--port).'
      reject(new Failure('bad-input', `${host}:${port} cannot be listened on (${error.code}).`, remedy))
    })
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })
}
