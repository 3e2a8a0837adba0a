import path from 'node:path'
import type { PinnedFile } from '../../shared/domain/pin'
import type { TaskSpec } from '../../shared/domain/task-spec'
import type { DatasetStore } from './dataset-store'
import { checkPinnedFiles, filesNamedBy, readingOf } from './pin-spec'
import { CACHE_FOLDER, ReferenceCache } from './reference-cache'
import { findSource } from './resolve-reference'
import { folderOfMeta } from './store/dataset-folder'

interface Located {
  readonly source: string
  readonly contentHash: string
  /** Absolute. */
  readonly folder: string
  readonly named?: { readonly field: PinnedFile; readonly files: string[] }
}

/**
 * The folders that hold what the pins of a spec name, with the files that count where these are no datasets.
 * @throws Failure conflict where it is not what it was
 */
export async function locatePinned(store: DatasetStore, spec: TaskSpec): Promise<Located[]> {
  const workspace = path.join(store.root, '..')
  const cache = new ReferenceCache(path.join(workspace, CACHE_FOLDER))
  await checkPinnedFiles(spec, workspace)
  const located: Located[] = []
  for (const { source, contentHash, file } of spec.pins ?? []) {
    if (file !== undefined) {
      if ((spec as unknown as Record<string, unknown>)[file] !== source) continue
      const { folder, files } = filesNamedBy(file, source, workspace)
      located.push({ source, contentHash, folder, named: { field: file, files } })
      continue
    }
    const meta = await findSource(store, cache, { source }, readingOf(spec), {})
    located.push({ source, contentHash, folder: path.resolve(folderOfMeta(meta)) })
  }
  return located
}
