import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import type { DatasetMeta } from '../../shared/domain/dataset'
import { readMeta } from '../datasets'
import { ABOUT_FILE, DONE_FILE, FEATURES_FOLDER } from './feature-store'

/** Features of a dataset that are all there. */
export interface ComputedFeatures {
  readonly meta: DatasetMeta
  readonly folder: string
  /** Name of the extractor. */
  readonly extractor: string
}

const about = z.object({ extractor: z.string() })

/** The features of a dataset that were used last, where an extractor's are complete. */
export function computedFeatures(workspace: string, dataset: DatasetMeta): ComputedFeatures | undefined {
  const root = path.join(workspace, FEATURES_FOLDER)
  if (!existsSync(root)) return undefined
  const found = readdirSync(root)
    .filter((name) => /^[0-9a-f]{32}$/.test(name))
    .flatMap((name) => {
      const folder = path.join(root, name)
      const meta = readMeta(folder)
      if (meta?.id !== dataset.id || meta.count !== dataset.count) return []
      const isComplete = readFileSync(path.join(folder, DONE_FILE)).every((done) => done === 1)
      if (!isComplete) return []
      const { extractor } = about.parse(JSON.parse(readFileSync(path.join(folder, ABOUT_FILE), 'utf8')))
      return [{ meta, folder, extractor, used: statSync(path.join(folder, ABOUT_FILE)).mtimeMs }]
    })
    .sort((a, b) => b.used - a.used)
  const [last] = found
  return last && { meta: last.meta, folder: last.folder, extractor: last.extractor }
}
