import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import { imageBytes, type ExportGroup, type ExportSource } from './export-source'
import type { DatasetWriter, WriteTarget } from './dataset-writer'
import { areNumbered, writeClassNamesFile } from './idx-writer'
import { OutputFile } from './output-file'

const MI_INT8 = 1
const MI_UINT8 = 2
const MI_INT32 = 5
const MI_UINT32 = 6
const MI_MATRIX = 14
const CLASS_UINT8 = 9
/** Sizes in the format are 32 bits wide. */
const MOST_BYTES = 0xffffff00

/** SVHN: a MATLAB 5 file a split, uncompressed, with X, y and, where the truth is known, true_y. */
export const writeSvhn: DatasetWriter = async (source, target) => {
  const { shape, classNames } = source
  if (shape.length !== 3) {
    throw badInput(`SVHN holds images, not examples of ${shape.join(' x ')}.`, 'Export as table instead.')
  }
  if (classNames.length > 256) {
    throw badInput(`SVHN holds 256 classes at most, not ${classNames.length}.`, 'Export as npz instead.')
  }
  const known = source.layoutFor('svhn').groups as { file: string; split?: string }[] | undefined
  for (const group of source.groups) {
    const same = known?.find(({ split }) => split === group.split)
    const file = same?.file ?? `${group.split ?? 'data'}_${shape[0]}x${shape[1]}.mat`
    await writeFile(source, group, path.join(target.folder, file), target)
  }
  if (!numbersOf(source)) writeClassNamesFile(classNames, target.folder)
  return undefined
}

async function writeFile(
  source: ExportSource,
  group: ExportGroup,
  file: string,
  target: WriteTarget
): Promise<void> {
  const [height, width, channels = 1] = source.shape as [number, number, number]
  const count = group.to - group.from
  const size = height * width * channels
  if (count * size > MOST_BYTES) {
    throw badInput('The images do not fit into one MATLAB 5 file.', 'Export as npz instead.')
  }
  await OutputFile.write(file, async (out) => {
    await out.write(fileHeader())
    await out.write(matrixHeader('X', [height, width, channels, count], count * size))
    for (const { from, values } of source.blocks(group.from, group.to)) {
      await out.write(toMatlabOrder(imageBytes(values, 'svhn'), height, width, channels))
      target.progress(from)
    }
    await out.write(Buffer.alloc(padding(count * size)))
    await writeVector(out, 'y', source, source.labels, group)
    if (source.truth) await writeVector(out, 'true_y', source, source.truth, group)
  })
}

async function writeVector(
  out: OutputFile,
  name: string,
  source: ExportSource,
  labels: Int32Array,
  { from, to }: ExportGroup
): Promise<void> {
  const numbers = numbersOf(source)
  const values = Uint8Array.from(labels.subarray(from, to), (label) => numbers?.[label] ?? label)
  await out.write(matrixHeader(name, [to - from, 1], to - from))
  await out.write(values)
  await out.write(Buffer.alloc(padding(values.length)))
}

/**
 * What classes are called in the file where their names are numbers: MATLAB counts from one, so SVHN calls the
 * digit 0 ten.
 */
function numbersOf(source: ExportSource): number[] | undefined {
  const { classNames, classNumbers } = source
  const digits = areNumbered(classNames, 10) || source.layoutFor('svhn').tenIsZero === true
  if (!digits && !(source.layoutFor('svhn').numbered === true && classNumbers)) return undefined
  const numbers = classNames.map((name) => (digits && name === '0' ? 10 : Number(name)))
  return numbers.every((number) => number <= 255) ? numbers : undefined
}

function fileHeader(): Buffer {
  const header = Buffer.alloc(128, ' ')
  header.write('MATLAB 5.0 MAT-file', 'latin1')
  header.fill(0, 116, 124)
  header.writeUInt16LE(0x0100, 124)
  header.writeUInt16LE(0x4d49, 126)
  return header
}

/** Everything of a uint8 matrix before its data. */
function matrixHeader(name: string, dims: readonly number[], bytes: number): Buffer {
  const flags = element(MI_UINT32, uint32s([CLASS_UINT8, 0]))
  const sides = element(MI_INT32, uint32s(dims))
  const called = element(MI_INT8, Buffer.from(name, 'latin1'))
  const inner = flags.length + sides.length + called.length + 8 + bytes + padding(bytes)
  return Buffer.concat([uint32s([MI_MATRIX, inner]), flags, sides, called, uint32s([MI_UINT8, bytes])])
}

function element(type: number, data: Buffer): Buffer {
  return Buffer.concat([uint32s([type, data.length]), data, Buffer.alloc(padding(data.length))])
}

function uint32s(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, i) => bytes.writeUInt32LE(value, 4 * i))
  return bytes
}

function padding(size: number): number {
  return (8 - (size % 8)) % 8
}

/** Rows of pixels, channels last, to rows fastest, then columns, then channels. */
function toMatlabOrder(from: Uint8Array, height: number, width: number, channels: number): Uint8Array {
  const to = new Uint8Array(from.length)
  const size = height * width * channels
  for (let image = 0; image < from.length; image += size) {
    let at = image
    for (let c = 0; c < channels; c++) {
      for (let x = 0; x < width; x++) {
        for (let y = 0; y < height; y++) to[at++] = from[image + (y * width + x) * channels + c]!
      }
    }
  }
  return to
}
