import { Tokenizer } from '@huggingface/tokenizers'
import type { Tensor } from 'onnxruntime-node'
import { badInput } from '../../../shared/domain/failure'
import type { ExampleSelection } from '../../datasets'
import { textPreparation } from '../../extractors/text-preparation'
import type { TextPreparation } from '../../extractors/text-preparation'
import { runModel } from './onnx-model'
import type { OnnxModel, ValueFacts } from './onnx-model'
import { chooseOutput, describeOutput } from './output-choice'
import { normaliseRows, pooled } from './pooling'
import type { Pooled } from './pooling'

/** Texts that are sorted by length together, so that batches hold texts of like length. */
const BLOCK = 128
const BATCH = 16
/** Characters of a text that are looked at: a token has one at least, and tokenising takes its time. */
const CHARACTERS_PER_TOKEN = 16

const IDS = 'input_ids'
const MASK = 'attention_mask'
const TYPES = 'token_type_ids'
const POSITIONS = 'position_ids'

interface Tokens {
  readonly ids: readonly number[]
  /** Place in the block. */
  readonly at: number
}

/** Makes features of texts: tokens, model, pooling over the attention mask, as sentence-transformers do. */
export class TextFeatures {
  readonly block = BLOCK
  readonly #preparation: TextPreparation
  readonly #tokenizer: Tokenizer
  readonly #padding: number
  readonly #unknown: number
  readonly #output: string

  constructor(
    private readonly model: OnnxModel,
    folder: string
  ) {
    this.#preparation = textPreparation(folder)
    const unknown = model.inputs.find(({ name }) => ![IDS, MASK, TYPES, POSITIONS].includes(name))
    if (unknown || !model.inputs.some(({ name }) => name === IDS)) {
      throw badInput(
        `${model.file} takes ${unknown ? `"${unknown.name}"` : `no "${IDS}"`}, which no text has.`,
        `Choose an extractor whose model takes ${IDS}, ${MASK} and ${TYPES}.`
      )
    }
    this.#tokenizer = this.#openTokenizer(folder)
    this.#padding = this.#numberOf('pad_token')
    this.#unknown = this.#numberOf('unk_token')
    this.#output = chooseOutput(
      model.outputs.map(({ name }) => name),
      'texts'
    )
  }

  #openTokenizer(folder: string): Tokenizer {
    const { tokenizer, tokenizerConfig } = this.#preparation
    try {
      return new Tokenizer(tokenizer, tokenizerConfig)
    } catch (error) {
      throw badInput(
        `tokenizer.json in ${folder} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
        'Copy it again from where the model came, or choose another extractor.',
        error
      )
    }
  }

  /** A special token's number, as either file of the tokenizer names it; 0 where none does. */
  #numberOf(name: 'pad_token' | 'unk_token'): number {
    const { tokenizer, tokenizerConfig } = this.#preparation
    const named = tokenizerConfig[name] ?? Object(tokenizer['model'])[name]
    const text = typeof named === 'string' ? named : String(Object(named)['content'] ?? '')
    return (text === '' ? undefined : this.#tokenizer.token_to_id(text)) ?? 0
  }

  async probe(): Promise<{ width: number; output: string }> {
    const batch = [{ ids: this.#tokenise('a'), at: 0 }]
    const { data, dims } = await runModel(this.model, this.#feeds(batch), this.#output)
    const { width } = pooled(data, dims)
    return { width, output: describeOutput(this.#output, dims.length, this.#preparation.pooling) }
  }

  /** Features of the texts of the examples from..to. */
  async of(examples: ExampleSelection, from: number, to: number): Promise<Pooled> {
    const texts = examples.readTexts(from, to)
    const tokens: Tokens[] = texts.map((text, at) => ({ ids: this.#tokenise(text), at }))
    tokens.sort((a, b) => a.ids.length - b.ids.length || a.at - b.at)
    let values: Float32Array | undefined
    let width = 0
    for (let at = 0; at < tokens.length; at += BATCH) {
      const batch = tokens.slice(at, at + BATCH)
      const features = await this.#featuresOf(batch)
      width = features.width
      values ??= new Float32Array(texts.length * width)
      for (const [i, { at: place }] of batch.entries())
        values.set(features.values.subarray(i * width, (i + 1) * width), place * width)
    }
    return { width, values: values ?? new Float32Array() }
  }

  #tokenise(text: string): readonly number[] {
    const { longest, lowerCase } = this.#preparation
    const cut = text.slice(0, longest * CHARACTERS_PER_TOKEN)
    const { ids: found } = this.#tokenizer.encode(lowerCase ? cut.toLowerCase() : cut)
    // A word that the vocabulary lacks may have no number at all.
    const ids = found.map((id: number | undefined) => id ?? this.#unknown)
    if (ids.length <= longest) return ids.length > 0 ? ids : [this.#padding]
    // What ends every text, such as [SEP], stays at the end.
    return [...ids.slice(0, longest - 1), ids.at(-1)!]
  }

  async #featuresOf(batch: readonly Tokens[]): Promise<Pooled> {
    const { pooling, normalises } = this.#preparation
    const feeds = this.#feeds(batch)
    const { data, dims } = await runModel(this.model, feeds, this.#output)
    const features = pooled(data, dims, { mask: maskOf(batch), pooling })
    if (normalises) normaliseRows(features)
    return features
  }

  #feeds(batch: readonly Tokens[]): Record<string, Tensor> {
    const length = lengthOf(batch)
    const mask = maskOf(batch)
    const values: Readonly<Record<string, (row: number, at: number) => number>> = {
      [IDS]: (row, at) => batch[row]!.ids[at] ?? this.#padding,
      [MASK]: (row, at) => mask[row * length + at]!,
      [TYPES]: () => 0,
      [POSITIONS]: (_, at) => at
    }
    return Object.fromEntries(
      this.model.inputs.map((input) => [
        input.name,
        this.#tensor(input, batch.length, length, values[input.name]!)
      ])
    )
  }

  #tensor(
    { type, name }: ValueFacts,
    count: number,
    length: number,
    valueOf: (row: number, at: number) => number
  ): Tensor {
    const { Tensor } = this.model.runtime
    const at = (i: number): number => valueOf(Math.floor(i / length), i % length)
    const dims = [count, length]
    if (type === 'int64') {
      return new Tensor(
        'int64',
        BigInt64Array.from({ length: count * length }, (_, i) => BigInt(at(i))),
        dims
      )
    }
    if (type === 'int32') {
      return new Tensor(
        'int32',
        Int32Array.from({ length: count * length }, (_, i) => at(i)),
        dims
      )
    }
    throw badInput(`${this.model.file} takes "${name}" as ${type}.`, 'Choose another extractor.')
  }
}

function lengthOf(batch: readonly Tokens[]): number {
  return Math.max(...batch.map(({ ids }) => ids.length))
}

/** 1 for tokens of the text, 0 for those that fill its row. */
function maskOf(batch: readonly Tokens[]): Uint8Array {
  const length = lengthOf(batch)
  const mask = new Uint8Array(batch.length * length)
  for (const [row, { ids }] of batch.entries()) mask.fill(1, row * length, row * length + ids.length)
  return mask
}
