import path from 'node:path'
import type { WorkspaceDatabase } from './workspace-database'

interface Folders {
  readonly id: string
  readonly output_dir: string
  readonly checkpoint_dir: string
}

/**
 * A workspace that was moved or copied brought its runs along: their folders are where it is now. Results that were
 * put outside of it stay there.
 * @param runsDir absolute
 */
export function followMovedRuns(database: WorkspaceDatabase, runsDir: string): void {
  const runs = database.prepare('SELECT id, output_dir, checkpoint_dir FROM runs').all() as Folders[]
  // As every run of a workspace has it: <workspace>/runs/<id>/checkpoint.
  const end = (id: string): string => path.join(path.basename(runsDir), id, 'checkpoint')
  const moved = runs.filter(
    ({ id, checkpoint_dir: dir }) =>
      dir !== path.join(runsDir, id, 'checkpoint') && dir.endsWith(`${path.sep}${end(id)}`)
  )
  if (moved.length === 0) return
  const update = database.prepare('UPDATE runs SET output_dir = ?, checkpoint_dir = ? WHERE id = ?')
  const write = database.transaction(() => {
    for (const { id, output_dir, checkpoint_dir } of moved) {
      const before = path.dirname(path.dirname(checkpoint_dir))
      const inside = path.relative(before, output_dir)
      const stays = inside.startsWith('..') || path.isAbsolute(inside)
      update.run(stays ? output_dir : path.join(runsDir, inside), path.join(runsDir, id, 'checkpoint'), id)
    }
  })
  write()
}
