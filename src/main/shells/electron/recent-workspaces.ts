import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import { writeAtomicallySync } from '../../files/write-atomically'

const MOST = 8
const content = z.array(z.string())

/** Workspaces opened lately, the last one first; kept in a file of the user's. */
export class RecentWorkspaces {
  constructor(private readonly file: string) {}

  list(): string[] {
    try {
      return content.parse(JSON.parse(readFileSync(this.file, 'utf8')))
    } catch {
      // None yet, or a file that somebody edited: a list of conveniences may be lost.
      return []
    }
  }

  add(workspace: string): void {
    const next = [workspace, ...this.list().filter((other) => other !== workspace)].slice(0, MOST)
    try {
      mkdirSync(path.dirname(this.file), { recursive: true })
      writeAtomicallySync(this.file, JSON.stringify(next))
    } catch {
      // As above: no reason not to open it.
    }
  }
}
