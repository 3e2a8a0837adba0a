// The log of this process: of the workspace that it has open. Without one, what is told is not kept.
import path from 'node:path'
import { ProductLog } from './product-log'
import type { LogEvent, LogFacts } from './product-log'

let current: ProductLog | undefined

/** Where a workspace keeps its log. */
function logFolder(workspace: string): string {
  return path.join(workspace, 'logs')
}

export function openLog(workspace: string): void {
  current = new ProductLog(logFolder(workspace))
}

export function tellLog(event: LogEvent, facts?: LogFacts): void {
  current?.tell(event, facts)
}

/** What a window or the terminal has told already. */
export function noteError(error: unknown): void {
  current?.error(error)
}

/** A defect, or what no window can be told of: in full on stderr, without anything of the user's in the log. */
export function tellError(error: unknown): void {
  console.error(error)
  noteError(error)
}

/** The last lines of a workspace's log, oldest first. */
export function logTail(workspace: string, lines: number): string[] {
  return new ProductLog(logFolder(workspace)).tail(lines)
}
