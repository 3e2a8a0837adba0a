import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import type { RunEvent } from '../../../shared/domain/run-event'

/** What a run tells, one event a line, in the order it is told. Progress is not kept: it is about now. */
export class RunLog {
  #fd: number | undefined

  constructor(readonly file: string) {
    this.#fd = openSync(file, 'a')
  }

  /** @throws the system's error, e.g. of a full disk */
  append(events: readonly RunEvent[]): void {
    const lines = events
      .filter(({ type }) => type !== 'progress')
      .map((event) => `${JSON.stringify(event)}\n`)
    const bytes = Buffer.from(lines.join(''))
    if (this.#fd === undefined) return
    for (let done = 0; done < bytes.length;) done += writeSync(this.#fd, bytes, done)
  }

  /** What was told outlives even the machine's sudden end. */
  sync(): void {
    if (this.#fd !== undefined) fdatasyncSync(this.#fd)
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }
}
