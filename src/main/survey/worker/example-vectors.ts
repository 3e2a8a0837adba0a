import { principalComponents, project } from '../../../engine/numerics/principal-components'
import type { Rows } from '../../../engine/numerics/principal-components'
import { shareScale } from '../../../engine/numerics/shared-scale'
import { exampleSize } from '../../../shared/domain/dataset'

import type { ExampleSelection } from '../../datasets'

/** Numbers that stand for an example where distances are taken. */
const WIDTH = 48
/** Rows that the components are of, evenly spaced. */
const SAMPLED = 4000
/** Sides to which pictures are averaged, by channels. */
const GREY_SIDE = 16
const COLOUR_SIDE = 12
/** Numbers before the components, of tables and texts. */
const HASHED = 384
const BLOCK_VALUES = 1 << 22
/** Letters that are counted together. */
const GRAM = 3
/** Characters of a text that are looked at. */
const MOST_CHARACTERS = 20_000

/** What examples are as rows of numbers, before components are taken. */
interface RawVectors {
  readonly width: number
  /** How the numbers of examples from..to are made. */
  read(from: number, to: number): Float32Array
}

/**
 * Examples as rows of few numbers whose distances mean something: principal components of averaged pixels, of
 * standardised columns, or of counted letter triples.
 * @param onRows told how many are done
 */
export function exampleVectors(
  selection: ExampleSelection,
  seed: number,
  onRows: (done: number) => void
): Rows {
  const raw = rawVectors(selection)
  const sampled = evenly(selection.count, SAMPLED)
  const sample = new Float32Array(sampled.length * raw.width)
  sampled.forEach((row, i) => sample.set(raw.read(row, row + 1), i * raw.width))
  const components = principalComponents(
    { values: sample, count: sampled.length, width: raw.width },
    WIDTH,
    seed
  )
  const values = new Float32Array(selection.count * components.count)
  const most = Math.max(1, Math.floor(BLOCK_VALUES / Math.max(raw.width, exampleSize(selection.shape))))
  for (let from = 0; from < selection.count; from += most) {
    const to = Math.min(selection.count, from + most)
    const block = { values: raw.read(from, to), count: to - from, width: raw.width }
    values.set(project(block, components), from * components.count)
    onRows(to)
  }
  return { values, count: selection.count, width: components.count }
}

/** At most so many of the numbers 0..count, evenly spaced. */
export function evenly(count: number, most: number): Int32Array {
  const size = Math.min(count, most)
  return Int32Array.from({ length: size }, (_, i) => Math.floor((i * count) / size))
}

function rawVectors(selection: ExampleSelection): RawVectors {
  if (selection.shape.length === 3) return pictureVectors(selection, selection.shape)
  return selection.hasTexts && isOnlyText(selection) ? textVectors(selection) : columnVectors(selection)
}

/** Whether nothing but its texts is learned from. */
export function isOnlyText({ representation }: ExampleSelection): boolean {
  return !representation?.columns.some(({ role }) => ['number', 'date', 'category'].includes(role))
}

function pictureVectors(selection: ExampleSelection, shape: readonly [number, number, number]): RawVectors {
  const [height, width, channels] = shape
  const side = channels === 1 ? GREY_SIDE : COLOUR_SIDE
  const [rows, columns] = [Math.min(side, height), Math.min(side, width)]
  const size = rows * columns * channels
  return {
    width: size,
    read(from, to) {
      const pixels = selection.readRows(range(from, to))
      const out = new Float32Array((to - from) * size)
      for (let i = 0; i < to - from; i++)
        average(
          pixels.subarray(i * height * width * channels),
          shape,
          rows,
          columns,
          out.subarray(i * size, (i + 1) * size)
        )
      return out
    }
  }
}

/** Means of the areas of a grid. */
function average(
  pixels: Float32Array,
  [height, width, channels]: readonly [number, number, number],
  rows: number,
  columns: number,
  out: Float32Array
): void {
  const counts = new Float32Array(rows * columns)
  for (let y = 0; y < height; y++) {
    const r = Math.floor((y * rows) / height)
    for (let x = 0; x < width; x++) {
      const cell = r * columns + Math.floor((x * columns) / width)
      counts[cell]! += 1
      for (let c = 0; c < channels; c++) out[cell * channels + c]! += pixels[(y * width + x) * channels + c]!
    }
  }
  for (let i = 0; i < out.length; i++) out[i]! /= counts[Math.floor(i / channels)]!
}

function columnVectors(selection: ExampleSelection): RawVectors {
  const size = exampleSize(selection.shape)
  const sample = selection.readRows(evenly(selection.count, SAMPLED))
  const count = sample.length / size
  const mean = new Float64Array(size)
  const square = new Float64Array(size)
  for (let i = 0; i < sample.length; i++) {
    mean[i % size]! += sample[i]! / count
    square[i % size]! += sample[i]! ** 2 / count
  }
  const scale = mean.map((value, j) => {
    const variance = square[j]! - value ** 2
    return variance > 1e-12 * Math.max(1, value ** 2) ? 1 / Math.sqrt(variance) : 0
  })
  // Words of a text are alike: a rare one is not far from everything.
  shareScale(scale, selection.alike)
  const width = Math.min(size, HASHED)
  return {
    width,
    read(from, to) {
      const values = selection.readRows(range(from, to))
      const out = new Float32Array((to - from) * width)
      for (let i = 0; i < to - from; i++) {
        for (let j = 0; j < size; j++) {
          const standard = (values[i * size + j]! - mean[j]!) * scale[j]!
          // Where there are more columns than numbers, each is added to one of them or taken from it.
          const hash = size > width ? hashOf(j) : j
          out[i * width + (hash % width)]! += hash & 0x40000000 && size > width ? -standard : standard
        }
      }
      return out
    }
  }
}

function textVectors(selection: ExampleSelection): RawVectors {
  return {
    width: HASHED,
    read(from, to) {
      const out = new Float32Array((to - from) * HASHED)
      selection
        .readTexts(from, to)
        .forEach((text, i) => countGrams(text, out.subarray(i * HASHED, (i + 1) * HASHED)))
      return out
    }
  }
}

/** Letter triples, counted by their hashes, of length 1 together. */
function countGrams(text: string, out: Float32Array): void {
  const plain = ` ${text.slice(0, MOST_CHARACTERS).toLowerCase().replace(/\s+/g, ' ').trim()} `
  for (let at = 0; at + GRAM <= plain.length; at++) {
    let hash = 0x811c9dc5
    for (let i = 0; i < GRAM; i++) hash = Math.imul(hash ^ plain.charCodeAt(at + i), 0x01000193)
    out[hashOf(hash) % HASHED]! += 1
  }
  const norm = Math.sqrt(out.reduce((sum, value) => sum + value ** 2, 0))
  if (norm > 0) for (let j = 0; j < out.length; j++) out[j]! /= norm
}

/** A number's bits mixed (the finaliser of MurmurHash3), 0 to 2^31. */
function hashOf(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) & 0x7fffffff
}

function range(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to - from }, (_, i) => from + i)
}
