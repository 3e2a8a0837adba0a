import { open, readdir } from 'node:fs/promises'
import path from 'node:path'
import { syncFolder } from './write-atomically'

/** Beyond so many files each waits for the disk too long; the system then writes them when it sees fit. */
const MOST_FILES = 2000

/** Make every file below a folder, and the folders, reach the disk: before it is made visible under its name. */
export async function syncTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const files = entries.filter((entry) => entry.isFile())
  if (files.length <= MOST_FILES) {
    for (const { parentPath, name } of files) {
      const handle = await open(path.join(parentPath, name), 'r')
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
    }
  }
  for (const { parentPath, name } of entries.filter((entry) => entry.isDirectory())) {
    syncFolder(path.join(parentPath, name))
  }
  syncFolder(folder)
}
