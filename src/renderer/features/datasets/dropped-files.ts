import { bridge } from '@renderer/client'
import type { UploadFile } from '@renderer/client'

/**
 * Where what was dropped on the desktop's window lies: one file or folder itself, of several the folder they are all in.
 * @returns undefined in a browser, and for what lies nowhere, such as a picture dragged out of another page
 */
export function droppedPath({ files }: Pick<DataTransfer, 'files'>): string | undefined {
  const desktop = bridge()
  if (!desktop) return undefined
  const paths = [...files].map((file) => desktop.pathOf(file))
  const folders = new Set(paths.map((path) => path.replace(/[/\\][^/\\]*$/, '')))
  const [found] = paths.length === 1 ? paths : folders.size === 1 ? folders : []
  return found || undefined
}

/** All files of what was dropped on the window, folders walked through. */
export async function droppedFiles(transfer: DataTransfer): Promise<UploadFile[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  const files: UploadFile[] = []
  for (const entry of entries) await collect(entry, '', files)
  return files
}

async function collect(entry: FileSystemEntry, folder: string, into: UploadFile[]): Promise<void> {
  if (entry.name.startsWith('.')) return
  const path = folder === '' ? entry.name : `${folder}/${entry.name}`
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    into.push({ file, path })
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  // The reader gives at most 100 entries at a time, and none at the end.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject)
    )
    if (batch.length === 0) return
    for (const child of batch) await collect(child, path, into)
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

/** Files of an <input>; a folder input gives paths inside the folder. */
export function chosenFiles(list: FileList): UploadFile[] {
  return [...list].map((file) => ({ file, path: file.webkitRelativePath || file.name }))
}
