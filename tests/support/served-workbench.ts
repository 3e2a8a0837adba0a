import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import path from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import { WebSocket } from 'ws'
import type { WorkbenchClient } from '@shared/contract'

const BIN = path.resolve(import.meta.dirname, '../../bin/bilevel.mjs')

export interface ServedWorkbench {
  /** With the token. */
  readonly url: string
  /** http://127.0.0.1:<port> */
  readonly origin: string
  readonly cookie: string
  readonly process: ChildProcess
  /** A client over the web socket, as the window has it. */
  connect(): { client: WorkbenchClient; close(): void }
  /** The signal, then the end of the process. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** `bilevel start --browser` as a user starts it. */
export async function serveWorkbench(
  workspace: string,
  options: { args?: readonly string[]; cwd?: string; onStderr?(text: string): void } = {}
): Promise<ServedWorkbench> {
  const child = spawn(
    process.execPath,
    [BIN, 'start', '--browser', '--no-open', '--json', '--workspace', workspace, ...(options.args ?? [])],
    { cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] }
  )
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    let out = ''
    let err = ''
    child.stderr.on('data', (chunk) => {
      err += String(chunk)
      options.onStderr?.(String(chunk))
    })
    child.stdout.on('data', (chunk) => {
      out += String(chunk)
      const found = /"url": "([^"]+)"/.exec(out)
      if (found) resolve(found[1]!)
    })
    child.once('close', (code) => reject(new Error(`The workbench ended with ${code}: ${err}`)))
  })
  const { origin, searchParams, port } = new URL(url)
  const cookie = `bilevel-${port}=${searchParams.get('token')}`
  return {
    url,
    origin,
    cookie,
    process: child,
    connect: () => connectSocket(origin, cookie),
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal)
      await ended
    }
  }
}

export function connectSocket(origin: string, cookie: string): { client: WorkbenchClient; close(): void } {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/rpc`, { headers: { cookie, origin } })
  const client: WorkbenchClient = createORPCClient(
    // ws has the browser's interface, but not its exact types.
    new RPCLink({ websocket: socket as unknown as globalThis.WebSocket })
  )
  return { client, close: () => socket.close() }
}
