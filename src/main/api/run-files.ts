import { createReadStream, existsSync, realpathSync, statSync } from 'node:fs'
import { opendir, stat } from 'node:fs/promises'
import path from 'node:path'
import { Failure } from '../../shared/domain/failure'
import type { ApiContext } from './context'

/** Files larger than this are not sent into the window. */
const LARGEST_FILE = 64 * 1024 * 1024
/** So many files of a run are listed, those of its own folder first. */
const MOST_FILES = 500

/** Files in a run's output folder; of its folders of data, which can hold a file an example, the first ones. */
export async function filesOf(outputDir: string): Promise<{ path: string; bytes: number }[]> {
  const files: string[] = []
  const folders = [outputDir]
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    // It may be gone by now.
    for await (const entry of await opendir(folder).catch(() => [])) {
      if (entry.isDirectory()) folders.push(path.join(folder, entry.name))
      else if (entry.isFile()) files.push(path.join(folder, entry.name))
      if (files.length >= MOST_FILES) return withSizes(files, outputDir)
    }
  }
  return withSizes(files, outputDir)
}

async function withSizes(
  files: readonly string[],
  outputDir: string
): Promise<{ path: string; bytes: number }[]> {
  const facts = await Promise.all(files.map((file) => stat(file).catch(() => undefined)))
  return files.flatMap((file, i) => {
    const bytes = facts[i]?.size
    return bytes === undefined
      ? []
      : [{ path: path.relative(outputDir, file).split(path.sep).join('/'), bytes }]
  })
}

/** A file of a run's output folder. @throws Failure refused for a path that leaves it, not-found */
export async function readRunFile({ workspace }: ApiContext, id: string, wanted: string): Promise<Blob> {
  const { outputDir } = workspace.store.get(id)
  const file = path.resolve(outputDir, wanted)
  // Before looking whether it exists: that, too, is nobody's business outside.
  requireInside(path.relative(outputDir, file), wanted, id)
  if (!existsSync(file) || !statSync(file).isFile()) {
    throw new Failure('not-found', `Run ${id} has no file "${wanted}".`, 'Look at its list of files.')
  }
  requireInside(path.relative(realpathSync(outputDir), realpathSync(file)), wanted, id)
  if (statSync(file).size > LARGEST_FILE) {
    throw new Failure('refused', `"${wanted}" is too large to show.`, `Open ${file} yourself.`)
  }
  const parts: Buffer[] = []
  for await (const part of createReadStream(file)) parts.push(part as Buffer)
  return new Blob(
    parts.map((part) => new Uint8Array(part)),
    { type: typeOf(file) }
  )
}

/** @param relative the path as seen from the run's folder */
function requireInside(relative: string, wanted: string, id: string): void {
  if (relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative)) return
  throw new Failure('refused', `"${wanted}" is outside the folder of run ${id}.`, 'Name a file of the run.')
}

const TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.csv': 'text/csv',
  '.yaml': 'text/plain',
  '.ndjson': 'text/plain',
  '.txt': 'text/plain'
}

function typeOf(file: string): string {
  return TYPES[path.extname(file)] ?? 'application/octet-stream'
}
