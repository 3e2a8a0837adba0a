import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { writeFileSync } from 'node:fs'

/** A program as a feed gives it: it runs, and notes that it has run. */
export function standInAppImage(note: string, bytes = 3_000_000): Buffer {
  const script = `#!/bin/sh\necho ran >'${note}'\nexit 0\n`
  return Buffer.concat([Buffer.from(script), Buffer.alloc(bytes, '#')])
}

/** So slow that it never comes to its end in a test. */
const DRIP_BYTES = 200
const DRIP_MS = 100

/** A feed of newer versions on this machine, as electron-builder publishes one. */
export class UpdateFeed {
  readonly requests: { readonly url: string; readonly headers: IncomingHttpHeaders }[] = []
  /** What it gives; the list names the hash of `announced`. */
  content: Buffer
  /** Gives half of the program, and then little by little. */
  isSlow = false
  /** Has no list of versions. */
  isEmpty = false
  readonly #server = createServer(({ url = '/', headers }, response) => {
    this.requests.push({ url, headers })
    if (url.startsWith('/latest-linux') && !this.isEmpty) {
      response.end(this.#list())
    } else if (url.endsWith('.AppImage')) {
      this.#give(response)
    } else {
      response.writeHead(404).end()
    }
  })

  constructor(
    readonly version: string,
    readonly announced: Buffer
  ) {
    this.content = announced
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  /** The file that names it, as the packaging writes one. */
  writeConfig(file: string): void {
    const { port } = this.#server.address() as AddressInfo
    writeFileSync(
      file,
      `provider: generic\nurl: http://127.0.0.1:${port}/\nupdaterCacheDirName: bilevel-updater\n`
    )
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #list(): string {
    const sha512 = createHash('sha512').update(this.announced).digest('base64')
    const name = `bilevel-${this.version}.AppImage`
    const { length } = this.announced
    return [
      `version: ${this.version}`,
      `files:`,
      `  - url: ${name}`,
      `    sha512: ${sha512}`,
      `    size: ${length}`,
      `path: ${name}`,
      `sha512: ${sha512}`,
      `releaseDate: '2026-11-29T12:00:00.000Z'`
    ].join('\n')
  }

  #give(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Length': this.content.length })
    if (!this.isSlow) return void response.end(this.content)
    let given = this.content.length / 2
    response.write(this.content.subarray(0, given))
    const dripping = setInterval(() => {
      response.write(this.content.subarray(given, given + DRIP_BYTES))
      given += DRIP_BYTES
    }, DRIP_MS)
    response.on('close', () => clearInterval(dripping))
  }
}
