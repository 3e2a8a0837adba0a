import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { denoisingSpec } from '../../../shared/domain/task-spec'
import { corruptDataset, DatasetStore, resolveReference } from '../../datasets'
import { print, printJson, workspaceDir } from './common-options'
import type { CommonOptions } from './common-options'
import { trainSpec } from './train-spec'
import { summariseReport } from './report-summary'

const NOISE = 0.5
/** Of the sample's training split: this many are trusted, the rest get wrong labels. */
const TRUSTED = 200

/** The main job on the bundled digits: make labels wrong, find them, keep the rest. */
export async function runDemo(options: CommonOptions): Promise<number> {
  const folder = freshFolder('bilevel-demo')
  const noisy = path.join(folder, 'noisy')
  const result = path.join(folder, 'result')
  const store = new DatasetStore(path.join(workspaceDir(options), 'datasets'))
  const selection = await resolveReference(store, `sample-digits#train[${TRUSTED}:]`)
  try {
    const { corrupted, count } = await corruptDataset(
      selection,
      { noise: NOISE, pattern: 'uniform', seed: 0 },
      noisy
    )
    if (!options.json)
      print(`${corrupted} of ${count} labels of the sample digits were made wrong. Finding them ...\n`)
  } finally {
    selection.close()
  }
  const spec = denoisingSpec.parse({
    task: 'denoising',
    train: noisy,
    trusted: `sample-digits#train[0:${TRUSTED}]`,
    test: 'sample-digits#test',
    model: 'mlp'
  })
  const { code, report } = await trainSpec(spec, result, options).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true })
    throw error
  })
  if (!report) return code
  if (options.json) printJson(report)
  else print(summariseReport(report, result))
  return code
}

/** name, or name-2, name-3, ... in the present folder: the first that is not there yet. */
function freshFolder(name: string): string {
  for (let i = 1; ; i++) {
    const candidate = path.resolve(i === 1 ? name : `${name}-${i}`)
    if (!existsSync(candidate)) return candidate
  }
}
