import { readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { implement } from '@orpc/server'
import type { FolderEntry, SystemInfo } from '../../shared/contract'
import { system } from '../../shared/contract/system'
import { badInput } from '../../shared/domain/failure'
import { listLeftovers, removeLeftovers } from '../datasets'
import { productVersion } from '../files/product'
import type { ApiContext } from './context'
import { diagnostics, runtimes } from './diagnostics'

const os = implement(system).$context<ApiContext>()

export const systemProcedures = os.router({
  ping: os.ping.handler(() => ({ now: Date.now() })),
  info: os.info.handler(({ context }) => systemInfo(context)),
  examine: os.examine.handler(({ context }) => context.shell.examine()),
  leftovers: os.leftovers.handler(({ context }) => listLeftovers(context.workspace.dir)),
  removeLeftovers: os.removeLeftovers.handler(({ context, input }) => {
    removeLeftovers(context.workspace.dir, (folder) => input.folders.includes(folder))
    return listLeftovers(context.workspace.dir)
  }),
  versions: os.versions.handler(() => runtimes()),
  diagnostics: os.diagnostics.handler(async ({ context }) => ({
    text: await diagnostics(context.workspace.dir)
  })),
  folder: os.folder.handler(({ context, input }) => listFolder(context, input.path))
})

function systemInfo({ shell, workspace }: ApiContext): SystemInfo {
  return {
    ...shell.info,
    version: productVersion(),
    platform: `${process.platform} ${process.arch}, Node ${process.versions.node}`,
    workspace: workspace.dir,
    user: workspace.user
  }
}

/** Entries of a folder that are looked at side by side. */
const TOGETHER = 256

/** Folders first, hidden entries left out. @throws Failure refused, bad-input */
async function listFolder(
  { shell }: ApiContext,
  wanted: string | null
): Promise<{ path: string; parent: string | null; entries: FolderEntry[] }> {
  const folders = shell.info.folders
  const folder = shell.allow(wanted ?? folders?.[0] ?? homedir())
  let names: string[]
  try {
    names = await readdir(folder)
  } catch (error) {
    throw badInput(`The folder ${folder} cannot be read.`, 'Choose another.', error)
  }
  const visible = names.filter((name) => !name.startsWith('.')).map((name) => path.join(folder, name))
  const entries: FolderEntry[] = []
  // Some at a time, so that a folder of a hundred thousand pictures keeps nobody else waiting.
  for (let at = 0; at < visible.length; at += TOGETHER) {
    const part = visible.slice(at, at + TOGETHER)
    const facts = await Promise.all(part.map((full) => stat(full).catch(() => undefined)))
    for (const [i, full] of part.entries()) {
      const found = facts[i]
      if (!found) continue
      const isFolder = found.isDirectory()
      const name = path.basename(full)
      entries.push({
        name,
        path: full,
        kind: isFolder ? 'folder' : 'file',
        bytes: isFolder ? null : found.size
      })
    }
  }
  const { compare } = new Intl.Collator()
  entries.sort((a, b) => (a.kind === b.kind ? compare(a.name, b.name) : a.kind === 'folder' ? -1 : 1))
  return { path: folder, parent: parentOf(folder, folders), entries }
}

/** One level up, unless that is outside; the list of given folders has no parent. */
function parentOf(folder: string, folders: readonly string[] | null): string | null {
  const parent = path.dirname(folder)
  if (parent === folder || folders?.includes(folder)) return null
  return parent
}
