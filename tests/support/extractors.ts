import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { onnxModel } from './onnx-model'
import type { OnnxValue } from './onnx-model'

function write(folder: string, files: Readonly<Record<string, Uint8Array | object>>): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    const data = content instanceof Uint8Array ? content : JSON.stringify(content)
    writeFileSync(path.join(folder, name), data)
  }
  return folder
}

/** Side of the pictures that the mean-colour extractors take. */
export const SIDE = 4

/** A model whose features are the mean of each channel; with `extra`, outputs beside them in front. */
export function meanColourModel({
  output = 'pooler_output',
  input = { name: 'pixel_values', type: 'float', shape: ['n', 3, SIDE, SIDE] },
  extra = []
}: { output?: string; input?: OnnxValue; extra?: readonly string[] } = {}): Buffer {
  const isBytes = input.type === 'uint8'
  return onnxModel({
    inputs: [input],
    outputs: [...extra, output].map((name) => ({ name, type: 'float', shape: ['n', 3] })),
    nodes: [
      ...(isBytes
        ? [
            { op: 'Cast', inputs: [input.name], outputs: ['floats'], attributes: { to: 1 } },
            { op: 'Transpose', inputs: ['floats'], outputs: ['first'], attributes: { perm: [0, 3, 1, 2] } }
          ]
        : []),
      { op: 'GlobalAveragePool', inputs: [isBytes ? 'first' : input.name], outputs: ['means'] },
      ...[...extra, output].map((name) => ({ op: 'Flatten', inputs: ['means'], outputs: [name] }))
    ]
  })
}

export const MEAN = [0.5, 0.25, 0.125]
export const STD = [0.5, 0.25, 0.5]

/** An extractor of pictures: the mean of each channel, normalised. */
export function pictureExtractor(
  folder: string,
  model: Uint8Array = meanColourModel(),
  config: object = {}
): string {
  return write(folder, {
    'onnx/model.onnx': model,
    'config.json': { model_type: 'test' },
    'preprocessor_config.json': {
      do_resize: true,
      size: { height: SIDE, width: SIDE },
      resample: 2,
      do_rescale: true,
      rescale_factor: 1 / 255,
      do_normalize: true,
      image_mean: MEAN,
      image_std: STD,
      ...config
    }
  })
}

/** Words that the extractor of texts knows, with the vector of each: [place in this list, its square]. */
export const WORDS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'good', 'bad', 'card', 'lost']

/** An extractor of texts: a vector a token, pooled outside of the model. */
export function textExtractor(
  folder: string,
  { pooling, modules }: { pooling?: object; modules?: readonly object[] } = {}
): string {
  const table = Float32Array.from(WORDS.flatMap((_, i) => [i, i * i]))
  const model = onnxModel({
    inputs: [
      { name: 'input_ids', type: 'int64', shape: ['n', 't'] },
      { name: 'attention_mask', type: 'int64', shape: ['n', 't'] }
    ],
    outputs: [{ name: 'last_hidden_state', type: 'float', shape: ['n', 't', 2] }],
    nodes: [{ op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['last_hidden_state'] }],
    constants: [{ name: 'table', shape: [WORDS.length, 2], values: table }]
  })
  const special = (name: string): [string, number] => [name, WORDS.indexOf(name)]
  return write(folder, {
    'onnx/model.onnx': model,
    'config.json': { max_position_embeddings: 16 },
    'tokenizer_config.json': { pad_token: '[PAD]', model_max_length: 6 },
    'tokenizer.json': {
      version: '1.0',
      added_tokens: [],
      normalizer: { type: 'Lowercase' },
      pre_tokenizer: { type: 'Whitespace' },
      post_processor: {
        type: 'BertProcessing',
        sep: special('[SEP]'),
        cls: special('[CLS]')
      },
      decoder: null,
      model: {
        type: 'WordLevel',
        vocab: Object.fromEntries(WORDS.map((word, i) => [word, i])),
        unk_token: '[UNK]'
      }
    },
    ...(pooling ? { '1_Pooling/config.json': pooling } : {}),
    ...(modules ? { 'modules.json': Buffer.from(JSON.stringify(modules)) } : {})
  })
}
