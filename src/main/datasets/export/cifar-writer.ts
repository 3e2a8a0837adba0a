import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import { CIFAR_CLASSES, CIFAR_COARSE_CLASSES, cifarTruthFile } from '../codecs/cifar-codec'
import {
  CIFAR_PIXELS,
  CIFAR_SIDE,
  labelBytes,
  type CifarBatch,
  type CifarVariant
} from '../codecs/cifar-files'
import { imageBytes, type ExportGroup, type ExportSource } from './export-source'
import type { DatasetWriter, WriteTarget } from './dataset-writer'
import { writeLabels } from './idx-writer'
import { OutputFile } from './output-file'

const BATCH = 10_000

interface CifarLayout {
  readonly variant: CifarVariant
  readonly batches: readonly CifarBatch[]
  readonly coarseOfFine?: readonly number[]
  readonly coarseNames?: readonly string[]
}

/** CIFAR's binary version: one byte of label (two for CIFAR-100), then the three planes. */
export const writeCifar: DatasetWriter = async (source, target) => {
  const { shape, classNames } = source
  if (shape.length !== 3 || shape[0] !== CIFAR_SIDE || shape[1] !== CIFAR_SIDE || shape[2] !== 3) {
    throw badInput(
      `CIFAR holds images of 32 x 32 x 3, not examples of ${shape.join(' x ')}.`,
      'Export as npz or images instead.'
    )
  }
  if (classNames.length > 256) {
    throw badInput(`CIFAR holds 256 classes at most, not ${classNames.length}.`, 'Export as npz instead.')
  }
  const known = source.layoutFor('cifar')
  const layout: CifarLayout = {
    variant: known.variant === 'cifar-100' ? 'cifar-100' : 'cifar-10',
    batches: (known.batches as CifarBatch[] | undefined) ?? [],
    coarseOfFine: known.coarseOfFine as number[] | undefined,
    coarseNames: known.coarseNames as string[] | undefined
  }
  for (const group of source.groups) {
    for (const { file, from, to } of batchesOf(group, layout)) {
      await writeBatch(source, from, to, path.join(target.folder, file), layout, target)
    }
    if (source.truth) {
      const file = path.join(target.folder, cifarTruthFile(group.split ?? 'train'))
      await writeLabels(source.truth, group, file, classNames.length)
    }
  }
  writeFileSync(path.join(target.folder, CIFAR_CLASSES[layout.variant]), `${classNames.join('\n')}\n`)
  if (layout.coarseNames) {
    writeFileSync(path.join(target.folder, CIFAR_COARSE_CLASSES), `${layout.coarseNames.join('\n')}\n`)
  }
  return undefined
}

/** The source's own batches where the split is whole, else batches of 10,000. */
function batchesOf(group: ExportGroup, layout: CifarLayout): { file: string; from: number; to: number }[] {
  const split = group.split ?? 'train'
  if (split !== 'train' && split !== 'test') {
    throw badInput(`CIFAR has the splits train and test, not "${split}".`, 'Export as npz or images instead.')
  }
  const own = layout.batches.filter((batch) => batch.split === group.split)
  const count = group.to - group.from
  let sizes = own.map(({ file, count: size }) => ({ file, size }))
  if (sizes.reduce((sum, { size }) => sum + size, 0) !== count)
    sizes = defaultBatches(split, count, layout.variant)
  let at = group.from
  return sizes.map(({ file, size }) => ({ file, from: at, to: (at += size) }))
}

function defaultBatches(
  split: string,
  count: number,
  variant: CifarVariant
): { file: string; size: number }[] {
  if (variant === 'cifar-100') return [{ file: `${split}.bin`, size: count }]
  if (split === 'test') return [{ file: 'test_batch.bin', size: count }]
  return Array.from({ length: Math.ceil(count / BATCH) }, (_, i) => ({
    file: `data_batch_${i + 1}.bin`,
    size: Math.min(BATCH, count - i * BATCH)
  }))
}

async function writeBatch(
  source: ExportSource,
  first: number,
  last: number,
  file: string,
  { variant, coarseOfFine }: CifarLayout,
  target: WriteTarget
): Promise<void> {
  const prefix = labelBytes(variant)
  const record = CIFAR_PIXELS + prefix
  const plane = CIFAR_PIXELS / 3
  await OutputFile.write(file, async (out) => {
    for (const { from, values } of source.blocks(first, last)) {
      const pixels = imageBytes(values, 'cifar')
      const rows = pixels.length / CIFAR_PIXELS
      const bytes = new Uint8Array(rows * record)
      for (let row = 0; row < rows; row++) {
        const label = source.labels[from + row]!
        const at = row * record
        if (prefix === 2) bytes[at] = coarseOfFine?.[label] ?? 0
        bytes[at + prefix - 1] = label
        for (let i = 0; i < plane; i++) {
          for (let c = 0; c < 3; c++)
            bytes[at + prefix + c * plane + i] = pixels[row * CIFAR_PIXELS + 3 * i + c]!
        }
      }
      await out.write(bytes)
      target.progress(from)
    }
  })
}
