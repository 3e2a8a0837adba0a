import { read } from 'node:fs'
import type { Readable } from 'node:stream'
import yauzl from 'yauzl'

/** Read ahead, because yauzl asks for a few dozen bytes at a time and a zip may hold 60,000 entries. */
const WINDOW = 1 << 20

/** Random access to a zip's directory through one buffered window. The file stays the caller's to close. */
export class DirectoryReader extends yauzl.RandomAccessReader {
  #window = Buffer.alloc(0)
  #start = 0

  constructor(readonly fd: number) {
    super()
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void
  ): void {
    const from = position - this.#start
    if (from >= 0 && from + length <= this.#window.length) {
      this.#window.copy(buffer, offset, from, from + length)
      // Later, not now: yauzl recurses from one entry to the next.
      queueMicrotask(() => callback(null))
      return
    }
    const window = Buffer.alloc(Math.max(WINDOW, length))
    read(this.fd, window, 0, window.length, position, (error, count) => {
      if (error) return callback(error)
      if (count < length) return callback(new Error('unexpected end of file'))
      this.#window = window.subarray(0, count)
      this.#start = position
      this.#window.copy(buffer, offset, 0, length)
      callback(null)
    })
  }

  override _readStreamForRange(): Readable {
    throw new Error('entries are read by ZipArchive, not by yauzl')
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null)
  }
}
