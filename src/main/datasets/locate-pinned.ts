import path from 'node:path'
import type { TaskSpec } from '../../shared/domain/task-spec'
import type { DatasetStore } from './dataset-store'
import { readingOf } from './pin-spec'
import { CACHE_FOLDER, ReferenceCache } from './reference-cache'
import { findSource } from './resolve-reference'
import { folderOfMeta } from './store/dataset-folder'

/**
 * The folders that hold what the pins of a spec name.
 * @throws Failure conflict where it is not what it was
 */
export async function locatePinned(
  store: DatasetStore,
  spec: TaskSpec
): Promise<{ source: string; contentHash: string; folder: string }[]> {
  const cache = new ReferenceCache(path.join(store.root, '..', CACHE_FOLDER))
  const located = []
  for (const { source, contentHash, file } of spec.pins ?? []) {
    if (file !== undefined) continue
    const meta = await findSource(store, cache, { source }, readingOf(spec), {})
    located.push({ source, contentHash, folder: path.resolve(folderOfMeta(meta)) })
  }
  return located
}
