import { client } from '@renderer/client'
import type { SystemInfo } from '@shared/contract'

/** A folder name: letters, digits, dots and dashes. */
export function folderName(text: string): string {
  return (
    text
      .normalize('NFKD')
      .replace(/[^\w.-]+/g, '-')
      .replace(/-+/g, '-')
      .replace(/^[-.]+|[-.]+$/g, '')
      .slice(0, 60)
      .toLowerCase() || 'dataset'
  )
}

/** The name, or the first of name-2, name-3, ... that is free. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name
  for (let i = 2; ; i++) if (!taken.has(`${name}-${i}`)) return `${name}-${i}`
}

/** Folder and name as one path, in the way of the system that writes it. */
export function joinPath(folder: string, name: string): string {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/'
  return folder.endsWith(separator) ? folder + name : folder + separator + name
}

/** A folder that does not exist yet, where exports are proposed to go. */
export async function proposeFolder(info: SystemInfo, name: string): Promise<string> {
  const listing = await client.system.folder({ path: info.exportFolder }).catch(() => undefined)
  const taken = new Set(listing?.entries.map((entry) => entry.name))
  return joinPath(info.exportFolder, freeName(folderName(name), taken))
}
