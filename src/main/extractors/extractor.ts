import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { badInput } from '../../shared/domain/failure'
import { hashFile } from '../files/hash-file'

/** What an extractor makes features of. */
export const EXTRACTOR_INPUTS = ['pictures', 'texts'] as const
export type ExtractorInput = (typeof EXTRACTOR_INPUTS)[number]

/** A pretrained model in a folder of Hugging Face's layout. */
export interface Extractor {
  /** Absolute. */
  readonly folder: string
  /** As people call it. */
  readonly name: string
  /** Path of the ONNX file in the folder, by what it takes. */
  readonly models: Readonly<Partial<Record<ExtractorInput, string>>>
  /** The files that decide what it computes, relative, sorted. */
  readonly files: readonly string[]
  readonly bytes: number
}

/** Where exporters put the model, the most exact first; a model of two towers has one file a tower. */
const PRECISIONS = ['', '_fp16', '_quantized', '_int8', '_uint8', '_q8']
const modelFiles = (name: string): string[] =>
  PRECISIONS.flatMap((precision) => [`onnx/${name}${precision}.onnx`, `${name}${precision}.onnx`])

export const PICTURE_CONFIG = 'preprocessor_config.json'
export const TOKENIZER = 'tokenizer.json'
export const TOKENIZER_CONFIG = 'tokenizer_config.json'
export const MODEL_CONFIG = 'config.json'
export const SENTENCE_CONFIG = 'sentence_bert_config.json'
export const MODULES = 'modules.json'
export const POOLING_CONFIG = '1_Pooling/config.json'
const CONFIGS = [
  PICTURE_CONFIG,
  TOKENIZER,
  TOKENIZER_CONFIG,
  MODEL_CONFIG,
  SENTENCE_CONFIG,
  MODULES,
  POOLING_CONFIG
]

/** More is no model that this machine would run to its end. */
const MOST_BYTES = 16 * 2 ** 30

const LAYOUT =
  'It needs model.onnx or onnx/model.onnx, and preprocessor_config.json for pictures or tokenizer.json for texts.'

/**
 * Look at the folder of an extractor; nothing in it is run.
 * @param folder absolute
 * @throws Failure bad-input that says what is missing
 */
export function openExtractor(folder: string, name = path.basename(folder)): Extractor {
  const stats = statSync(folder, { throwIfNoEntry: false })
  if (!stats) throw badInput(`There is no folder ${folder}.`, 'Check the path of the extractor.')
  if (!stats.isDirectory()) {
    throw badInput(`${folder} is a file, not the folder of an extractor.`, `Name its folder. ${LAYOUT}`)
  }
  const has = (file: string): boolean => existsSync(path.join(folder, file))
  const [tokens, pictures] = [has(TOKENIZER), has(PICTURE_CONFIG)]
  const plain = modelFiles('model').find(has)
  const vision = modelFiles('vision_model').find(has) ?? (pictures || !tokens ? plain : undefined)
  const text = tokens ? (modelFiles('text_model').find(has) ?? (pictures ? undefined : plain)) : undefined
  if (vision === undefined && text === undefined) {
    throw badInput(`${folder} holds no ONNX model.`, `Export the model to ONNX. ${LAYOUT}`)
  }
  const models = {
    ...(vision === undefined ? {} : { pictures: vision }),
    ...(text === undefined ? {} : { texts: text })
  }
  const used = Object.values(models).flatMap((file) => [file, ...weightsBeside(folder, file)])
  const files = [...new Set([...used, ...CONFIGS.filter(has)])].sort()
  const bytes = files.reduce((sum, file) => sum + statSync(path.join(folder, file)).size, 0)
  if (bytes > MOST_BYTES) {
    throw badInput(`${folder} holds ${Math.round(bytes / 2 ** 30)} GiB.`, 'Take a smaller model.')
  }
  return { folder, name, models, files, bytes }
}

/** Large models keep their weights beside the graph: model.onnx_data, model.onnx.data. */
function weightsBeside(folder: string, model: string): string[] {
  const inside = path.posix.dirname(model)
  return readdirSync(path.join(folder, inside))
    .filter((name) => name.startsWith(path.posix.basename(model)) && /^[._]data/.test(rest(name, model)))
    .map((name) => path.posix.join(inside, name))
}

function rest(name: string, model: string): string {
  return name.slice(path.posix.basename(model).length)
}

/** SHA-256 of what decides the features: names and bytes of the model's files, hexadecimal. */
export async function extractorHash(
  { folder, files }: Pick<Extractor, 'folder' | 'files'>,
  signal?: AbortSignal
): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file} ${await hashFile(path.join(folder, file), signal)}\n`)
  return hash.digest('hex')
}

/** @throws Failure bad-input for a model of texts that is given pictures, and the other way round */
export function modelFor({ name, folder, models }: Extractor, input: ExtractorInput): string {
  const file = models[input]
  if (file !== undefined) return path.join(folder, file)
  const [other] = EXTRACTOR_INPUTS.filter((kind) => models[kind] !== undefined)
  throw badInput(
    `The extractor "${name}" takes ${other ?? 'nothing'}, and these data are ${input}.`,
    `Choose an extractor for ${input} (--features).`
  )
}
