import { Failure } from '../../shared/domain/failure'
import type { ExtractorInput } from './extractor'

/** An extractor that can be fetched by name. */
export interface DefaultExtractor {
  readonly name: string
  readonly input: ExtractorInput
  /** What it is, in a sentence. */
  readonly text: string
  readonly license: string
  /** Folder of its files: each is at `${url}/${path}`. */
  readonly url: string
  /** What is fetched: paths as in the folder. A file that is not there is an error unless it is optional. */
  readonly files: readonly {
    readonly path: string
    readonly isOptional?: boolean
    readonly sha256?: string
  }[]
  /** About, in bytes, so that a person knows before. */
  readonly bytes: number
}

/** Where models are fetched from when a person says so; a mirror is named as Hugging Face's own programs are told. */
const HUB = (process.env['HF_ENDPOINT'] ?? 'https://huggingface.co').replace(/\/+$/, '')

/**
 * One for pictures, one for texts; both are well known, small and permissively licensed. No hash is stated that was
 * not seen: what was fetched is hashed and the hash shown and kept, and a run is pinned to it.
 */
export const DEFAULT_EXTRACTORS: readonly DefaultExtractor[] = [
  {
    name: 'dinov2-small',
    input: 'pictures',
    text: 'DINOv2 small, a vision transformer trained on pictures without labels: 384 features.',
    license: 'Apache-2.0',
    url: `${HUB}/Xenova/dinov2-small/resolve/main`,
    files: [{ path: 'onnx/model.onnx' }, { path: 'config.json' }, { path: 'preprocessor_config.json' }],
    bytes: 88_000_000
  },
  {
    name: 'all-MiniLM-L6-v2',
    input: 'texts',
    text: 'A small sentence transformer for English: 384 features.',
    license: 'Apache-2.0',
    url: `${HUB}/Xenova/all-MiniLM-L6-v2/resolve/main`,
    files: [
      { path: 'onnx/model.onnx' },
      { path: 'config.json' },
      { path: 'tokenizer.json' },
      { path: 'tokenizer_config.json' }
    ],
    bytes: 91_000_000
  }
]

/** @throws Failure not-found, that says how to see which there are */
export function defaultExtractor(name: string): DefaultExtractor {
  const offered = DEFAULT_EXTRACTORS.find((one) => one.name === name)
  if (offered) return offered
  throw new Failure(
    'not-found',
    `"${name}" is none of the extractors that can be fetched.`,
    'See "bilevel extractors list".'
  )
}
