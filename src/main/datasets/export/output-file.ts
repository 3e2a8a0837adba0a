import { createWriteStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { finished } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { fileFailure } from '../../file-formats/file-failure'

/** A file written piece by piece, compressed where its name ends in .gz. */
export class OutputFile {
  readonly #input: Writable
  /** Settled when the file is closed; rejected with what the disk said. */
  readonly #done: Promise<void>

  private constructor(path: string) {
    // Flushed: what is renamed into its place later is on the disk by then.
    const file = createWriteStream(path, { flush: true })
    if (/\.gz$/i.test(path)) {
      const gzip = createGzip({ level: 6 })
      this.#done = pipeline(gzip, file)
      this.#input = gzip
    } else {
      this.#done = finished(file)
      this.#input = file
    }
    // Met again by the write or the end that waits for it.
    this.#done.catch(() => undefined)
  }

  /**
   * Write a file. However the work ends, the file is closed afterwards.
   * @throws Failure naming the file when the disk does not take it; what the work throws
   */
  static async write(path: string, work: (out: OutputFile) => Promise<void>): Promise<void> {
    const out = new OutputFile(path)
    try {
      await work(out)
      out.#input.end()
      await out.#done
    } catch (error) {
      out.#input.destroy()
      await out.#done.catch(() => undefined)
      throw fileFailure(error, path)
    }
  }

  /** The bytes may be changed again when the promise resolves. */
  async write(bytes: Uint8Array | string): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#input.write(bytes, (error) => (error ? reject(error) : resolve()))
      })
    } catch (error) {
      // A gzip whose file failed only says that it was destroyed; the file knows why.
      await this.#done
      throw error
    }
  }
}
