import { realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { Failure } from '../../../shared/domain/failure'

/** Folders that a served window may read and write; everything else on the machine is out of its reach. */
export class AllowedFolders {
  /** Absolute, symbolic links resolved. */
  readonly folders: readonly string[]

  constructor(folders: readonly string[]) {
    this.folders = [...new Set(folders.map((folder) => realPath(path.resolve(folder))))]
  }

  /**
   * The path, absolute and with symbolic links resolved, if it lies inside.
   * @throws Failure refused
   */
  allow(wanted: string): string {
    const expanded = wanted.startsWith('~/') ? path.join(homedir(), wanted.slice(2)) : wanted
    const real = realPath(path.resolve(this.folders[0] ?? '/', expanded))
    if (this.folders.some((folder) => isInside(real, folder))) return real
    throw new Failure(
      'refused',
      `${wanted} is outside the folders that this server was given (${this.folders.join(', ')}).`,
      'Choose a folder inside them, or start the workbench with another one (--folder).'
    )
  }
}

function isInside(file: string, folder: string): boolean {
  const inside = path.relative(folder, file)
  return inside === '' || (!inside.startsWith(`..${path.sep}`) && inside !== '..' && !path.isAbsolute(inside))
}

/** The real path of what exists, and of the nearest folder that does for what is to be written. */
function realPath(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    const parent = path.dirname(file)
    return parent === file ? file : path.join(realPath(parent), path.basename(file))
  }
}
