import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { fetchFile } from '../files/fetch-file'
import { syncTree } from '../files/sync-tree'
import type { DefaultExtractor } from './default-extractors'
import { addExtractor, EXTRACTORS_FOLDER, fetchedFolder } from './registry'
import type { ExtractorNote } from './registry'

/** Progress of fetching, and how to end it: what has arrived is kept, and the next time goes on from there. */
export interface FetchWatch {
  onProgress?(bytes: number, total: number, file: string): void
  readonly signal?: AbortSignal
}

/** A file beyond this is none of the listed ones. */
const MOST_BYTES = 4 * 2 ** 30

const REMEDY =
  'Check the connection and try again; or download the folder elsewhere and name it with "bilevel extractors add".'

/**
 * Fetch a default extractor into the workspace, because a person said so, and let the workspace know it.
 * @throws Failure refused where the server does not give it, conflict where it is not what it should be, cancelled
 */
export async function fetchExtractor(
  workspace: string,
  offered: DefaultExtractor,
  watch: FetchWatch = {}
): Promise<ExtractorNote> {
  const { name, files, url } = offered
  const folder = fetchedFolder(workspace, name)
  const arriving = path.join(workspace, EXTRACTORS_FOLDER, `.fetching-${name}`)
  let before = 0
  for (const { path: file, sha256, isOptional = false } of files) {
    const target = path.join(arriving, file)
    mkdirSync(path.dirname(target), { recursive: true })
    if (!existsSync(target)) {
      const onBytes = (bytes: number): void =>
        watch.onProgress?.(before + bytes, Math.max(offered.bytes, before + bytes), file)
      const order = { url: `${url}/${file}`, target, sha256, isOptional, signal: watch.signal }
      await fetchFile({ ...order, mostBytes: MOST_BYTES, what: 'the extractor', remedy: REMEDY }, onBytes)
    }
    before += statSync(target, { throwIfNoEntry: false })?.size ?? 0
  }
  await syncTree(arriving)
  rmSync(folder, { recursive: true, force: true })
  renameSync(arriving, folder)
  return addExtractor(workspace, folder, { name, url })
}
