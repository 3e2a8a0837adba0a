import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import { badInput } from '../../shared/domain/failure'
import {
  MODEL_CONFIG,
  MODULES,
  POOLING_CONFIG,
  SENTENCE_CONFIG,
  TOKENIZER,
  TOKENIZER_CONFIG
} from './extractor'
import { readJsonObject } from './json-file'

/** How texts become features, as sentence-transformers does it. */
export interface TextPreparation {
  /** tokenizer.json and tokenizer_config.json, for the tokenizer's own reader. */
  readonly tokenizer: Readonly<Record<string, unknown>>
  readonly tokenizerConfig: Readonly<Record<string, unknown>>
  /** Tokens of a text that are looked at, special ones included. */
  readonly longest: number
  readonly pooling: 'mean' | 'cls' | 'max'
  /** Features of length one. */
  readonly normalises: boolean
  readonly lowerCase: boolean
}

/** Vocabularies of many languages have tens of megabytes. */
const MOST_TOKENIZER_BYTES = 128 << 20
const LONGEST = 512

/** @throws Failure bad-input that names the file */
export function textPreparation(folder: string): TextPreparation {
  const at = (name: string): string => path.join(folder, name)
  const tokenizer = readJsonObject(at(TOKENIZER), MOST_TOKENIZER_BYTES)
  if (!tokenizer) throw badInput(`${folder} has no ${TOKENIZER}.`, 'Copy it from where the model came.')
  const tokenizerConfig = readJsonObject(at(TOKENIZER_CONFIG)) ?? {}
  const sentence = readJsonObject(at(SENTENCE_CONFIG)) ?? {}
  const model = readJsonObject(at(MODEL_CONFIG)) ?? {}
  const lengths = [
    sentence['max_seq_length'],
    tokenizerConfig['model_max_length'],
    model['max_position_embeddings']
  ]
  const limits = lengths.filter((value) => typeof value === 'number').filter((value) => value >= 2)
  return {
    tokenizer,
    tokenizerConfig,
    longest: Math.floor(Math.min(LONGEST, ...limits)),
    pooling: poolingOf(at(POOLING_CONFIG)),
    normalises: normalisesIn(at(MODULES)),
    lowerCase: sentence['do_lower_case'] === true
  }
}

/** @throws Failure bad-input for a pooling that is not done here */
function poolingOf(file: string): TextPreparation['pooling'] {
  const values = readJsonObject(file)
  if (!values) return 'mean'
  const chosen = Object.keys(values).filter((key) => key.startsWith('pooling_mode_') && values[key] === true)
  const [only = 'pooling_mode_mean_tokens', ...more] = chosen
  const known = { mean_tokens: 'mean', cls_token: 'cls', max_tokens: 'max' } as const
  const mode = only.slice('pooling_mode_'.length)
  if (more.length === 0 && mode in known) return known[mode as keyof typeof known]
  throw badInput(
    `${file} asks for the pooling ${chosen.join(' and ')}, which is not done here.`,
    'Choose an extractor with mean, cls or max pooling.'
  )
}

const modules = z.array(z.object({ type: z.string() }))

/** Where nothing is said, features of texts are compared by their direction. */
function normalisesIn(file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false })
  if (!stats?.isFile() || stats.size > 1 << 20) return true
  try {
    const listed = modules.parse(JSON.parse(readFileSync(file, 'utf8')))
    return listed.some(({ type }) => type.endsWith('Normalize'))
  } catch (error) {
    throw badInput(`${file} lists no modules.`, 'Copy it from where the model came.', error)
  }
}
