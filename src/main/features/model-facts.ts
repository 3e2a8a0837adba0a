import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { writeAtomicallySync } from '../files/write-atomically'
import type { Extractor } from '../extractors/extractor'
import { modelFor } from '../extractors/extractor'
import { probeModel } from './extraction-host'
import { FEATURES_FOLDER } from './feature-store'
import type { ExtractorIdentity } from './feature-store'
import { modelFacts } from './protocol'
import type { ModelFacts } from './protocol'

/** In the folder of features: what models gave when they were run first, by hash. */
const MODELS_FOLDER = 'models'

/**
 * What a model gives, from an earlier time or by running it once.
 * @throws Failure that says why the extractor cannot be used on such data
 */
export async function factsOf(
  workspace: string,
  extractor: Extractor,
  { hash, input }: ExtractorIdentity
): Promise<ModelFacts> {
  modelFor(extractor, input)
  const folder = path.join(workspace, FEATURES_FOLDER, MODELS_FOLDER)
  const file = path.join(folder, `${hash}-${input}.json`)
  const known = readFacts(file)
  if (known) return known
  const facts = await probeModel({ extractor: extractor.folder, input })
  mkdirSync(folder, { recursive: true })
  writeAtomicallySync(file, `${JSON.stringify(facts)}\n`)
  return facts
}

function readFacts(file: string): ModelFacts | undefined {
  try {
    return modelFacts.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}
