import path from 'node:path'
import type { Tensor } from 'onnxruntime-node'
import { badInput } from '../../../shared/domain/failure'
import { decodeImage, examplePicture, resizePixels } from '../../datasets'
import type { ExampleSelection } from '../../datasets'
import { picturePreparation, plainPreparation } from '../../extractors/picture-preparation'
import type { PicturePreparation } from '../../extractors/picture-preparation'
import { runModel } from './onnx-model'
import type { OnnxModel, ValueFacts } from './onnx-model'
import { chooseOutput, describeOutput } from './output-choice'
import { pooled } from './pooling'
import type { Pooled } from './pooling'

/** Pictures computed together. */
const BATCH = 8
const CHANNELS = 3

/** The pixels of one picture as the model's preparation cuts them: RGB, height x width x 3. */
type Prepared = Uint8Array

/** Makes features of pictures: decoding, preparation, model, pooling. */
export class PictureFeatures {
  readonly block = BATCH
  readonly #input: ValueFacts
  readonly #isChannelsLast: boolean
  readonly #output: string
  readonly #preparation: PicturePreparation
  /** Examples that the model takes at a time, where it takes no other number. */
  readonly #fixedCount: number | undefined

  constructor(
    private readonly model: OnnxModel,
    folder: string
  ) {
    const [input, ...more] = model.inputs
    if (!input || more.length > 0 || input.shape.length !== 4) {
      const found = model.inputs.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ')
      throw badInput(
        `${model.file} takes ${found || 'nothing'}, not one batch of pictures.`,
        'Choose an extractor whose model takes pictures alone, such as "pixel_values" [n, 3, height, width].'
      )
    }
    this.#input = input
    this.#isChannelsLast = input.shape[3] === CHANNELS && input.shape[1] !== CHANNELS
    this.#fixedCount = positive(input.shape[0])
    this.#output = chooseOutput(
      model.outputs.map(({ name }) => name),
      'pictures'
    )
    this.#preparation = this.#preparationIn(folder)
  }

  #preparationIn(folder: string): PicturePreparation {
    const { type, shape } = this.#input
    const height = positive(shape[this.#isChannelsLast ? 1 : 2])
    const width = positive(shape[this.#isChannelsLast ? 2 : 3])
    const given = picturePreparation(folder)
    if (!given) {
      // A model that takes bytes scales them itself: only the size is to be known.
      if (type === 'uint8') return plainPreparation(width, height)
      throw badInput(
        `${folder} has no preprocessor_config.json, which says how pictures are prepared.`,
        'Copy it from where the model came, or write one with "size", "image_mean" and "image_std".'
      )
    }
    if ((height ?? given.height) !== given.height || (width ?? given.width) !== given.width) {
      throw badInput(
        `${path.join(folder, 'preprocessor_config.json')} makes pictures of ${given.width} x ${given.height}, the model takes ${width} x ${height}.`,
        'Correct "size" or "crop_size" there.'
      )
    }
    return given
  }

  /** The width of the features and what they are, from a grey picture. */
  async probe(): Promise<{ width: number; output: string }> {
    const { width, height } = this.#preparation
    const grey = new Uint8Array(width * height * CHANNELS).fill(128)
    const { data, dims } = await runModel(this.model, this.#feeds([grey]), this.#output)
    const { width: features } = pooled(data, dims)
    return { width: features, output: describeOutput(this.#output, dims.length, 'mean') }
  }

  /** Features of the examples from..to. */
  async of(examples: ExampleSelection, from: number, to: number): Promise<Pooled> {
    const rows = Array.from({ length: to - from }, (_, i) => from + i)
    const pictures = await Promise.all(rows.map((row) => this.#prepare(examples, row)))
    const most = this.#fixedCount ?? pictures.length
    const parts: Pooled[] = []
    for (let at = 0; at < pictures.length; at += most) {
      const some = pictures.slice(at, at + most)
      const { data, dims } = await runModel(this.model, this.#feeds(some), this.#output)
      const { width, values } = pooled(data, dims)
      parts.push({ width, values: values.subarray(0, some.length * width) })
    }
    const width = parts[0]?.width ?? 1
    const values = new Float32Array(rows.length * width)
    parts.forEach((part, i) => values.set(part.values, i * most * width))
    return { width, values }
  }

  /** From the picture as it came where that is to be had, else from the pixels that were imported. */
  async #prepare(examples: ExampleSelection, row: number): Promise<Prepared> {
    const { resize } = this.#preparation
    const original = await examples.originalOf(row)
    const name = examples.files?.[row] ?? `example ${row}`
    const pixels = original
      ? await decodeImage(original, name, resize)
      : await resizePixels(examplePicture(examples.readRaw([row]), examples.shape), resize)
    return this.#cut(pixels)
  }

  /** The middle of the resized picture, in colour. */
  #cut({
    width,
    height,
    channels,
    data
  }: {
    width: number
    height: number
    channels: number
    data: Uint8Array
  }): Prepared {
    const { width: wide, height: high } = this.#preparation
    const [left, top] = [(width - wide) >> 1, (height - high) >> 1]
    if (channels === CHANNELS && left === 0 && top === 0 && width === wide) return data
    const out = new Uint8Array(wide * high * CHANNELS)
    for (let y = 0, to = 0; y < high; y++) {
      for (let x = 0; x < wide; x++, to += CHANNELS) {
        const from = ((y + top) * width + x + left) * channels
        for (let c = 0; c < CHANNELS; c++) out[to + c] = data[from + (channels === 1 ? 0 : c)]!
      }
    }
    return out
  }

  #feeds(pictures: readonly Prepared[]): Record<string, Tensor> {
    const { Tensor } = this.model.runtime
    const { width, height } = this.#preparation
    const { name, type } = this.#input
    const count = this.#fixedCount ?? pictures.length
    const dims = this.#isChannelsLast ? [count, height, width, CHANNELS] : [count, CHANNELS, height, width]
    const size = width * height * CHANNELS
    if (type === 'uint8') {
      const bytes = new Uint8Array(count * size)
      pictures.forEach((picture, i) =>
        this.#arrange(picture, bytes.subarray(i * size, (i + 1) * size), false)
      )
      return { [name]: new Tensor('uint8', bytes, dims) }
    }
    if (type === 'float32') {
      const floats = new Float32Array(count * size)
      pictures.forEach((picture, i) =>
        this.#arrange(picture, floats.subarray(i * size, (i + 1) * size), true)
      )
      return { [name]: new Tensor('float32', floats, dims) }
    }
    throw badInput(
      `${this.model.file} takes pictures as ${type}.`,
      'Choose an extractor that takes float32 or uint8.'
    )
  }

  /** A picture into its place in the batch. */
  #arrange(picture: Prepared, into: Float32Array | Uint8Array, scales: boolean): void {
    const { factor, offset } = this.#preparation
    const area = picture.length / CHANNELS
    for (let c = 0; c < CHANNELS; c++) {
      const [a, b] = scales ? [factor[c]!, offset[c]!] : [1, 0]
      if (this.#isChannelsLast) {
        for (let i = c; i < picture.length; i += CHANNELS) into[i] = picture[i]! * a + b
      } else {
        for (let i = 0, from = c, to = c * area; i < area; i++, from += CHANNELS, to++) {
          into[to] = picture[from]! * a + b
        }
      }
    }
  }
}

/** A side that is fixed. */
function positive(side: number | string | undefined): number | undefined {
  return typeof side === 'number' && side > 0 ? side : undefined
}
