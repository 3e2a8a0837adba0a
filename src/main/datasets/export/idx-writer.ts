import { copyFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { CLASS_NAMES_FILE } from '../codecs/idx-codec'
import { labelsNameOf, truthNameOf, type IdxGroup } from '../codecs/idx-files'
import { IDX_FLOAT, IDX_INT, IDX_UBYTE, idxHeader } from '../codecs/idx-header'
import { bytesOf } from '../../file-formats/npy'
import { ORIGINALS_FOLDER } from '../store/dataset-folder'
import type { ExportGroup, ExportSource } from './export-source'
import type { DatasetWriter, WriteTarget } from './dataset-writer'
import { OutputFile } from './output-file'

/** IDX: a pair of files for each split, under the names that the source had, else under MNIST's. */
export const writeIdx: DatasetWriter = async (source, target) => {
  if (copyOriginals(source, target)) return undefined
  const numbers = numbersOf(source)
  const numbered = (labels: Int32Array): Int32Array =>
    numbers ? labels.map((label) => numbers[label]!) : labels
  const classes = numbers ? Math.max(...numbers) + 1 : source.classNames.length
  for (const group of source.groups) {
    const names = namesFor(source, group)
    await writeImages(source, group, path.join(target.folder, names.images), target)
    await writeLabels(numbered(source.labels), group, path.join(target.folder, names.labels), classes)
    if (source.truth) {
      const file = path.join(target.folder, truthNameOf(names.labels))
      await writeLabels(numbered(source.truth), group, file, classes)
    }
  }
  if (!numbers) writeClassNames(source, target)
  return undefined
}

/** Numbers of the classes, where the format holds them. */
function numbersOf({ classNumbers }: ExportSource): number[] | undefined {
  const numbers = classNumbers?.map(Number)
  return numbers?.every((number) => number <= 0x7fffffff) ? numbers : undefined
}

/** An untouched set is written with the very files it came from, where those were compressed. */
function copyOriginals(source: ExportSource, target: WriteTarget): boolean {
  const { originals } = source.layoutFor('idx')
  const [folder] = source.selection.folders
  if (!Array.isArray(originals) || originals.length === 0 || !source.isUntouched || !folder) return false
  const names = originals.map(String)
  if (source.truth && !names.some((name) => /true-labels/i.test(name))) return false
  if (source.splits.some(({ name }, i) => name !== source.selection.metas[0]?.splits[i]?.name)) return false
  for (const name of names) {
    copyFileSync(path.join(folder, ORIGINALS_FOLDER, name), path.join(target.folder, name))
  }
  target.progress(source.count)
  return true
}

function namesFor(source: ExportSource, { split }: ExportGroup): { images: string; labels: string } {
  const known = source.layoutFor('idx').groups as IdxGroup[] | undefined
  const same = known?.find((group) => group.split === split)
  if (same) return { images: same.images, labels: same.labels }
  const zipped = known?.some(({ images }) => images.endsWith('.gz')) ? '.gz' : ''
  const prefix = split === undefined ? '' : `${split === 'test' ? 't10k' : split}-`
  const type = source.dtype === 'uint8' ? 'ubyte' : 'float'
  const images = `${prefix}images-idx${1 + sidesOf(source).length}-${type}${zipped}`
  return { images, labels: labelsNameOf(images) }
}

/** Sides of one example: one channel has no dimension of its own, as in MNIST. */
function sidesOf({ shape }: ExportSource): number[] {
  return shape.length === 3 && shape[2] === 1 ? [shape[0], shape[1]] : [...shape]
}

async function writeImages(
  source: ExportSource,
  group: ExportGroup,
  file: string,
  target: WriteTarget
): Promise<void> {
  const type = source.dtype === 'uint8' ? IDX_UBYTE : IDX_FLOAT
  await OutputFile.write(file, async (out) => {
    await out.write(idxHeader(type, [group.to - group.from, ...sidesOf(source)]))
    for (const { from, values } of source.blocks(group.from, group.to)) {
      await out.write(values instanceof Uint8Array ? values : bytesOf(values).swap32())
      target.progress(from)
    }
  })
}

export async function writeLabels(
  labels: Int32Array,
  group: ExportGroup,
  file: string,
  classes: number
): Promise<void> {
  const values = labels.subarray(group.from, group.to)
  await OutputFile.write(file, async (out) => {
    if (classes <= 256) {
      await out.write(idxHeader(IDX_UBYTE, [values.length]))
      await out.write(Uint8Array.from(values))
    } else {
      await out.write(idxHeader(IDX_INT, [values.length]))
      await out.write(bytesOf(values.slice()).swap32())
    }
  })
}

/** Only where the labels alone do not tell the classes, so that MNIST stays four files. */
function writeClassNames(source: ExportSource, target: WriteTarget): void {
  const occurring = new Set(source.labels)
  source.truth?.forEach((label) => occurring.add(label))
  if (!areNumbered(source.classNames, occurring.size)) writeClassNamesFile(source.classNames, target.folder)
}

/** Whether the classes are called 0, 1, 2, ... and are so many. */
export function areNumbered(classNames: readonly string[], count: number): boolean {
  return classNames.length === count && classNames.every((name, i) => name === String(i))
}

export function writeClassNamesFile(classNames: readonly string[], folder: string): void {
  writeFileSync(path.join(folder, CLASS_NAMES_FILE), `${classNames.join('\n')}\n`)
}
