import { timingSafeEqual, createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { hostname, networkInterfaces } from 'node:os'

/** Names under which this machine is reached by itself. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** Why a request is turned away: a status and a sentence for the person who made it. */
export interface Refusal {
  readonly status: 401 | 403
  readonly sentence: string
}

/**
 * Who may speak to the server: whoever knows the token, from a page of this server's own, under a name that
 * this server answers to. The last is what stops DNS rebinding: there the browser sends the attacker's name.
 */
export class Admission {
  readonly #names: ReadonlySet<string>
  /** Cookies are shared by all ports of a host, so the name tells them apart. */
  #cookie = 'bilevel'

  constructor(
    private readonly token: string,
    /** The address bound to, and names given with --allow-host. */
    boundTo: string,
    extraNames: readonly string[] = []
  ) {
    const addresses = isLoopback(boundTo)
      ? []
      : [
          hostname(),
          ...Object.values(networkInterfaces())
            .flatMap((list) => list ?? [])
            .map(bracketed)
        ]
    this.#names = new Set(
      [...LOOPBACK, boundTo, ...addresses, ...extraNames].map((name) => name.toLowerCase())
    )
  }

  useCookieOf(port: number): void {
    this.#cookie = `bilevel-${port}`
  }

  /** HttpOnly: no script can read it; Strict: no other site's link or form carries it. */
  cookieHeader(): string {
    return `${this.#cookie}=${this.token}; HttpOnly; SameSite=Strict; Path=/`
  }

  /** Whether a token, from the link or the cookie, is the right one; in constant time. */
  knows(token: string | null | undefined): boolean {
    const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
    return timingSafeEqual(digest(token ?? ''), digest(this.token))
  }

  /** Host and Origin only: for the link that brings the token. */
  refuseOrigin(request: IncomingMessage, originNeeded: boolean): Refusal | undefined {
    const { host, origin } = request.headers
    if (!host || !this.#names.has(nameOf(host))) {
      return {
        status: 403,
        sentence: `This server does not answer to the name "${host ?? ''}". Start it with that name allowed (--allow-host).`
      }
    }
    if (origin === undefined ? originNeeded : hostOf(origin) !== host) {
      return { status: 403, sentence: 'Pages of other sites may not use this server.' }
    }
    return undefined
  }

  /** @param originNeeded web sockets and writing requests always carry an Origin */
  refuse(request: IncomingMessage, originNeeded: boolean): Refusal | undefined {
    const refusal = this.refuseOrigin(request, originNeeded)
    if (refusal) return refusal
    if (this.knows(this.#tokenIn(request))) return undefined
    return {
      status: 401,
      sentence:
        'Open the workbench with the link that it printed when it was started: it carries the key to your data.'
    }
  }

  #tokenIn(request: IncomingMessage): string | undefined {
    const cookies = (request.headers.cookie ?? '').split(';').map((part) => part.trim())
    const mine = cookies.find((part) => part.startsWith(`${this.#cookie}=`))
    return mine?.slice(this.#cookie.length + 1)
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** The name in a Host header, without the port: a tunnel may end at another one. */
function nameOf(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase()
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host
  } catch {
    return undefined
  }
}

function bracketed({ address, family }: { address: string; family: string }): string {
  return family === 'IPv6' ? `[${address}]` : address
}
