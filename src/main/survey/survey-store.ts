import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { badInput } from '../../shared/domain/failure'
import { survey as surveySchema } from '../../shared/domain/finding'
import type { MapLayout, Survey } from '../../shared/domain/finding'
import {
  contentHash,
  createTemporaryFolder,
  discardFolder,
  markUsed,
  publishFolder,
  removeUnused,
  sweepTemporaryFolders
} from '../datasets'
import type { ExampleSelection } from '../datasets'
import { computedFeatures } from '../features/computed-features'
import { syncTree } from '../files/sync-tree'
import type { SurveyedPart } from './protocol'
import { MAP_FILES, SURVEY_FILE } from './survey-files'
import { askSurvey } from './survey-host'
import type { SurveyWatch } from './survey-host'

export type { SurveyWatch } from './survey-host'

/** In the workspace. */
const SURVEYS_FOLDER = 'surveys'
/** Changes whenever the same examples are surveyed otherwise. */
const VERSION = 1

/** What is surveyed, and the folder of its survey, made or not. */
interface Place {
  readonly folder: string
  readonly parts: readonly SurveyedPart[]
  readonly features: { readonly parts: readonly SurveyedPart[]; readonly extractor: string } | null
}

/** The survey of a selection where there is one. @returns its folder */
export async function findSurvey(
  workspace: string,
  selection: ExampleSelection
): Promise<string | undefined> {
  const { folder } = await placeOf(workspace, selection)
  return existsSync(path.join(folder, SURVEY_FILE)) ? folder : undefined
}

/**
 * Survey examples, or find the survey that was made of the same ones. Cancelled or failed, it leaves nothing.
 * @returns the folder of the survey
 * @throws Failure cancelled, process-died, bad-input
 */
export async function surveyExamples(
  workspace: string,
  selection: ExampleSelection,
  watch: SurveyWatch = {}
): Promise<string> {
  const { folder, parts, features } = await placeOf(workspace, selection)
  if (existsSync(path.join(folder, SURVEY_FILE))) {
    markUsed(folder, SURVEY_FILE)
    return folder
  }
  const root = path.dirname(folder)
  sweepTemporaryFolders(root)
  const target = createTemporaryFolder(root)
  try {
    const { reference } = selection
    await askSurvey(
      {
        type: 'survey',
        reference,
        parts: [...parts],
        features: features && { ...features, parts: [...features.parts] },
        target
      },
      watch
    )
    await syncTree(target)
    publishFolder(target, folder)
  } catch (error) {
    discardFolder(target)
    throw error
  }
  removeUnused({ root, stamp: SURVEY_FILE, mostBytes: Infinity, bytesOf: () => 0 }, path.basename(folder))
  return folder
}

/** @throws Failure bad-input when it is damaged */
export function readSurvey(folder: string): Survey {
  const file = path.join(folder, SURVEY_FILE)
  try {
    return surveySchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw badInput(`${file} is damaged.`, 'Remove its folder and survey the examples again.', error)
  }
}

/** Lay out the map of a survey by UMAP where that is not done. */
export async function layOut(folder: string, watch: SurveyWatch = {}): Promise<void> {
  if (existsSync(path.join(folder, MAP_FILES.umap))) return
  await askSurvey({ type: 'layout', folder }, watch)
}

/** Places of all examples on a map, float32 [examples, 2]; undefined where it is not laid out yet. */
export function mapOf(folder: string, layout: MapLayout): Buffer | undefined {
  const file = path.join(folder, MAP_FILES[layout])
  return existsSync(file) ? readFileSync(file) : undefined
}

async function placeOf(workspace: string, selection: ExampleSelection): Promise<Place> {
  const parts = selection.selected.map(({ meta, folder, from, to }) => ({ meta, folder, from, to }))
  const hashes = await Promise.all(parts.map(({ meta }) => contentHash(meta)))
  const extracted = parts.map(({ meta }) => computedFeatures(workspace, meta))
  const [one] = extracted
  const isOne = one !== undefined && extracted.every((set) => set?.extractor === one.extractor)
  const features = isOne
    ? {
        extractor: one.extractor,
        parts: parts.map(({ from, to }, i) => ({ ...extracted[i]!, from, to }))
      }
    : null
  const of = parts.map(({ from, to, meta }, i) => [hashes[i], from, to, meta.layout['originals'] ?? false])
  const name = createHash('sha256')
    .update(JSON.stringify([VERSION, of, features?.parts.map(({ folder }) => path.basename(folder))]))
    .digest('hex')
    .slice(0, 32)
  return { folder: path.join(workspace, SURVEYS_FOLDER, name), parts, features }
}
