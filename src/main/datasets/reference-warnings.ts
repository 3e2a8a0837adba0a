import path from 'node:path'
import type { DatasetMeta } from '../../shared/domain/dataset'
import type { ExampleSelection } from './example-selection'
import { CACHE_FOLDER } from './reference-cache'
import { folderOfMeta } from './store/dataset-folder'

/**
 * Warnings of what a reference names by path. A dataset of the workspace told its own when it was imported; a path
 * is imported unseen, perhaps by an earlier command.
 */
export function referenceWarnings(selection: ExampleSelection): string[] {
  const isUnseen = (meta: DatasetMeta): boolean =>
    path.basename(path.dirname(folderOfMeta(meta))) === CACHE_FOLDER
  return [
    ...new Set(
      selection.metas.filter(isUnseen).flatMap((meta) => {
        const { name, warnings = [], representation } = meta
        const foreign = representation !== selection.representation ? (representation?.notes ?? []) : []
        return warnings
          .filter((warning) => !foreign.includes(warning))
          .map((warning) => `${name}: ${warning}`)
      })
    )
  ]
}
