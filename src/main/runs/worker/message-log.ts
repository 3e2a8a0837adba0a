import { ftruncateSync, openSync, writeSync } from 'node:fs'
import type { FromWorker } from '../protocol'

/**
 * Messages as lines of a file, each with its number, written before the next is told. A line that finds no room is
 * taken back: the next one must not follow half of it.
 * @returns how to tell one. It throws the system's error where it cannot be written.
 */
export function messageLog(file: string): (message: FromWorker) => void {
  const fd = openSync(file, 'a')
  let n = 0
  let end = 0
  return (message) => {
    const line = Buffer.from(`${JSON.stringify({ n: n + 1, message })}\n`)
    let at = 0
    try {
      while (at < line.length) at += writeSync(fd, line, at)
    } catch (error) {
      ftruncateSync(fd, end)
      throw error
    }
    n++
    end += line.length
  }
}
