import { createWriteStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { fileFailure } from '../bytes/file-failure'

/** A file written piece by piece, compressed where its name ends in .gz. */
export class OutputFile {
  readonly #input: Writable
  readonly #done: Promise<void>

  constructor(readonly path: string) {
    const file = createWriteStream(path)
    this.#done = finished(file)
    // Reported by finish() or by the write that meets it.
    this.#done.catch(() => undefined)
    if (/\.gz$/i.test(path)) {
      const gzip = createGzip({ level: 6 })
      gzip.pipe(file)
      file.on('error', (error) => gzip.destroy(error))
      this.#input = gzip
    } else this.#input = file
  }

  /** The bytes may be changed again when the promise resolves. */
  async write(bytes: Uint8Array | string): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#input.write(bytes, (error) => (error ? reject(error) : resolve()))
      })
    } catch (error) {
      throw fileFailure(error, this.path)
    }
  }

  async finish(): Promise<void> {
    this.#input.end()
    try {
      await this.#done
    } catch (error) {
      throw fileFailure(error, this.path)
    }
  }
}
