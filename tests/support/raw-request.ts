import { request } from 'node:http'
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface RawRequest {
  readonly method?: string
  /** Sent as it is: dots, slashes and percent signs are not tidied up as a browser would. */
  readonly path?: string
  readonly headers?: OutgoingHttpHeaders
  /** Sent in pieces. */
  readonly body?: Iterable<Buffer | string>
}

/** One request with exactly these headers; a web socket that is let in answers with status 101. */
export function rawRequest(origin: string, asked: RawRequest = {}): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin)
  const { method = 'GET', path = '/', headers, body } = asked
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers, agent: false })
    sent.on('error', reject)
    sent.on('upgrade', ({ headers: answered }, socket) => {
      socket.destroy()
      resolve({ status: 101, headers: answered, text: '' })
    })
    sent.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    for (const part of body ?? []) sent.write(part)
    sent.end()
  })
}

/** Ask for a web socket. */
export function rawUpgrade(origin: string, headers: OutgoingHttpHeaders, path = '/rpc'): Promise<RawAnswer> {
  return rawRequest(origin, {
    path,
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': 13,
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers
    }
  })
}
