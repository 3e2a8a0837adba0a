import { badInput } from '../../../shared/domain/failure'

/** Features of a batch, row-major [count, width]. */
export interface Pooled {
  readonly width: number
  readonly values: Float32Array
}

export type TokenPooling = 'mean' | 'cls' | 'max'

/** Beyond this a linear model of few classes has more parameters than memory. */
const MOST_FEATURES = 16_384

/**
 * One vector an example from an output of shape [n, width], [n, tokens, width] or [n, channels, height, width].
 * @param mask 1 for tokens that count, row-major [n, tokens]; all of them without
 * @throws Failure bad-input for another shape, or more numbers than can be trained on
 */
export function pooled(
  data: Float32Array,
  dims: readonly number[],
  {
    mask,
    pooling = 'mean'
  }: { readonly mask?: ArrayLike<number | bigint>; readonly pooling?: TokenPooling } = {}
): Pooled {
  const [count = 0, second = 0, third = 1, fourth = 1] = dims
  const width = dims.length === 3 ? third : second
  if (dims.length < 2 || dims.length > 4 || count * second * third * fourth !== data.length || width === 0) {
    throw badInput(
      `The extractor gives an output of shape [${dims.join(', ')}], which is no row of features an example.`,
      'Export it with a pooled output, or choose another extractor.'
    )
  }
  if (width > MOST_FEATURES) {
    throw badInput(
      `The extractor gives ${width} numbers an example; ${MOST_FEATURES} can be trained on.`,
      'Export it with a pooled output, or choose another extractor.'
    )
  }
  if (dims.length === 2) return { width, values: data }
  if (dims.length === 4) return { width, values: meanOfMaps(data, count, width, third * fourth) }
  return { width, values: ofTokens(data, { count, tokens: second, width }, pooling, mask) }
}

function meanOfMaps(data: Float32Array, count: number, channels: number, area: number): Float32Array {
  const values = new Float32Array(count * channels)
  for (let i = 0; i < values.length; i++) {
    let sum = 0
    for (let j = 0; j < area; j++) sum += data[i * area + j]!
    values[i] = sum / area
  }
  return values
}

function ofTokens(
  data: Float32Array,
  { count, tokens, width }: { readonly count: number; readonly tokens: number; readonly width: number },
  pooling: TokenPooling,
  mask?: ArrayLike<number | bigint>
): Float32Array {
  const values = new Float32Array(count * width)
  for (let row = 0; row < count; row++) {
    const out = values.subarray(row * width, (row + 1) * width)
    const token = (at: number): Float32Array =>
      data.subarray((row * tokens + at) * width, (row * tokens + at + 1) * width)
    if (pooling === 'cls') {
      out.set(token(0))
      continue
    }
    let counted = 0
    if (pooling === 'max') out.fill(-Infinity)
    for (let at = 0; at < tokens; at++) {
      if (mask && Number(mask[row * tokens + at]) === 0) continue
      counted++
      const from = token(at)
      if (pooling === 'max') for (let j = 0; j < width; j++) out[j] = Math.max(out[j]!, from[j]!)
      else for (let j = 0; j < width; j++) out[j]! += from[j]!
    }
    if (counted === 0) out.fill(0)
    else if (pooling === 'mean') for (let j = 0; j < width; j++) out[j]! /= counted
  }
  return values
}

/** Each row divided by its Euclidean norm, in place; a row of zeros stays. */
export function normaliseRows({ values, width }: Pooled): void {
  for (let from = 0; from < values.length; from += width) {
    const row = values.subarray(from, from + width)
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))
    if (norm > 0) for (let j = 0; j < width; j++) row[j]! /= norm
  }
}
