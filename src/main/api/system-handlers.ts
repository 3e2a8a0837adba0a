import { readdirSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import type { FolderEntry, SystemInfo } from '../../shared/contract'
import { badInput } from '../../shared/domain/failure'
import type { ApiContext } from './context'

export function systemInfo({ shell, workspace }: ApiContext): SystemInfo {
  return {
    ...shell.info,
    version: productVersion(),
    platform: `${process.platform} ${process.arch}, Node ${process.versions.node}`,
    workspace: workspace.dir
  }
}

/** Folders first, hidden entries left out. @throws Failure refused, bad-input */
export function listFolder(
  { shell }: ApiContext,
  wanted: string | null
): { path: string; parent: string | null; entries: FolderEntry[] } {
  const folders = shell.info.folders
  const folder = shell.allow(wanted ?? folders?.[0] ?? homedir())
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (error) {
    throw badInput(`The folder ${folder} cannot be read.`, 'Choose another.', error)
  }
  const entries = names
    .filter((name) => !name.startsWith('.'))
    .flatMap((name): FolderEntry[] => {
      const full = path.join(folder, name)
      const facts = statSync(full, { throwIfNoEntry: false })
      if (!facts) return []
      const isFolder = facts.isDirectory()
      return [{ name, path: full, kind: isFolder ? 'folder' : 'file', bytes: isFolder ? null : facts.size }]
    })
    .sort((a, b) => (a.kind === b.kind ? a.name.localeCompare(b.name) : a.kind === 'folder' ? -1 : 1))
  return { path: folder, parent: parentOf(folder, folders), entries }
}

/** One level up, unless that is outside; the list of given folders has no parent. */
function parentOf(folder: string, folders: readonly string[] | null): string | null {
  const parent = path.dirname(folder)
  if (parent === folder || folders?.includes(folder)) return null
  return parent
}

/** From package.json, wherever this file lies in sources or build. */
function productVersion(): string {
  for (let folder = import.meta.dirname; path.dirname(folder) !== folder; folder = path.dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
        name?: string
        version?: string
      }
      if (name === 'bilevel-workbench' && version) return version
    } catch {
      continue
    }
  }
  return 'unknown'
}
