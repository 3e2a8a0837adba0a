import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import path from 'node:path'
import { plainError, word } from './plain-error'

/** What the log tells of. Facts are words and numbers of the product's: ids, states, codes, versions. */
export type LogEvent = 'start' | 'stop' | 'run' | 'job' | 'training-process' | 'page' | 'update' | 'pack'
export type LogFacts = Readonly<Record<string, string | number | undefined>>

const NAME = 'bilevel.log'
const OLDER = 'bilevel.1.log'
/** Of each of the two files. */
const MOST_BYTES = 512 * 1024

/**
 * What happened, a line each, in a file that is bounded in size: beyond that it becomes the older one, whose content goes.
 * Nothing of the user's is in it. A folder that cannot be written is no reason for a second error.
 */
export class ProductLog {
  constructor(private readonly folder: string) {}

  tell(event: LogEvent, facts: LogFacts = {}): void {
    const said = Object.entries(facts)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${word(String(value))}`)
    this.#write([event, ...said].join(' '))
  }

  error(error: unknown): void {
    this.#write(`error ${plainError(error)}`)
  }

  /** The last lines, oldest first. */
  tail(lines: number): string[] {
    const all = [OLDER, NAME].flatMap((name) =>
      this.#read(name)
        .split('\n')
        .filter((line) => line !== '')
    )
    return all.slice(-lines)
  }

  #write(text: string): void {
    try {
      // Not what it lies in: a workspace that is gone, as with its disk, must not come to be again with a log alone.
      if (!existsSync(this.folder)) mkdirSync(this.folder)
      const file = path.join(this.folder, NAME)
      const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
      if (size > MOST_BYTES) renameSync(file, path.join(this.folder, OLDER))
      appendFileSync(file, `${new Date().toISOString()} ${text}\n`)
    } catch {
      // A full disk, say: what the window and the terminal tell must do.
    }
  }

  #read(name: string): string {
    try {
      return readFileSync(path.join(this.folder, name), 'utf8')
    } catch {
      return ''
    }
  }
}
