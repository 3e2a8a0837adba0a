import { DEFAULT_EXTRACTORS } from './default-extractors'
import { EXTRACTOR_INPUTS } from './extractor'
import type { ExtractorInput } from './extractor'
import { knownExtractors } from './registry'

/** An extractor that a workspace knows, as lists show it. */
export interface ListedExtractor {
  readonly name: string
  readonly inputs: readonly ExtractorInput[]
  readonly bytes: number
  /** SHA-256 of its files when it was added. */
  readonly hash: string
  readonly folder: string
  /** Where it was fetched from. */
  readonly url?: string
  /** Why it cannot be used. */
  readonly problem?: string
}

/** One that can be fetched and is not there yet. */
export interface AvailableExtractor {
  readonly name: string
  readonly input: ExtractorInput
  readonly text: string
  readonly bytes: number
  readonly license: string
  readonly url: string
}

/** The extractors of a workspace, and those that could be fetched into it. */
export function listExtractors(workspace: string): {
  readonly known: readonly ListedExtractor[]
  readonly available: readonly AvailableExtractor[]
} {
  const known = knownExtractors(workspace).map(
    ({ note: { name, folder, url, hash }, extractor, failure }): ListedExtractor => ({
      name,
      inputs: EXTRACTOR_INPUTS.filter((input) => extractor?.models[input] !== undefined),
      bytes: extractor?.bytes ?? 0,
      hash,
      folder,
      url,
      problem: failure?.message
    })
  )
  const available = DEFAULT_EXTRACTORS.filter(({ name }) => !known.some((one) => one.name === name)).map(
    ({ name, input, text, bytes, license, url }) => ({ name, input, text, bytes, license, url })
  )
  return { known, available }
}
