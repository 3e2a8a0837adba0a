import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import { ByteReader } from '../../file-formats/byte-reader'
import { looksLikeIdx } from './idx-header'
import { nameOf, pathOf, siblings, type SourceLook } from './source-look'
import { compareSplits, splitInName } from './splits'

/** Files of one split in MNIST's layout, by name. */
export interface IdxGroup {
  readonly split?: string
  readonly images: string
  readonly labels: string
  readonly truth?: string
}

/** Whether a file (gzip or not) begins with an IDX magic number. */
export async function isIdxFile(path: string): Promise<boolean> {
  const reader = await ByteReader.openFile(path)
  try {
    const head = Buffer.alloc(4)
    return (await reader.readInto(head)) === 4 && looksLikeIdx(head)
  } catch {
    return false
  } finally {
    reader.close()
  }
}

const IMAGES = /images/i

/** train-images-idx3-ubyte.gz -> train-labels-idx1-ubyte.gz */
export function labelsNameOf(images: string): string {
  const matchCase = (match: string, word: string): string =>
    match === match.toUpperCase() ? word.toUpperCase() : word
  return images
    .replace(/images(?!.*images)/i, (match) => matchCase(match, 'labels'))
    .replace(/idx[2-4]/i, (match) => `${match.slice(0, 3)}1`)
    .replace(/-float\b/i, '-ubyte')
}

/** train-labels-idx1-ubyte.gz -> train-true-labels-idx1-ubyte.gz */
export function truthNameOf(labels: string): string {
  return labels.replace(/labels(?!.*labels)/i, 'true-labels')
}

function either(names: readonly string[], wanted: string): string | undefined {
  const plain = wanted.replace(/\.gz$/i, '')
  return [wanted, plain, `${plain}.gz`].find((name) => names.includes(name))
}

/** Without what a name says of dimensions and type: train-labels-idx2-int -> train-labels */
function stem(name: string): string {
  return name.replace(/\.gz$/i, '').replace(/[-.]idx[1-4]([-.][a-z0-9]{1,12})?$/i, '')
}

/** Labels of another type or with more columns than MNIST's: train-labels-idx1-int, QMNIST's -idx2-int. */
function labelsLike(names: readonly string[], images: string): string | undefined {
  const wanted = stem(labelsNameOf(images))
  return names.find((name) => name !== images && /idx[12]/i.test(name) && stem(name) === wanted)
}

/** The images files that a source names: one file, or those of a folder (gzip twins once). */
async function imageFiles(look: SourceLook): Promise<string[]> {
  if (look.kind === 'file') return [path.basename(look.path)]
  const isTwin = (name: string): boolean => /\.gz$/i.test(name) && look.files.includes(name.slice(0, -3))
  const candidates = look.files.filter((name) => IMAGES.test(name) && !isTwin(name))
  const found: string[] = []
  for (const name of candidates) {
    if (/idx\d/i.test(name) || (await isIdxFile(pathOf(look, name)))) found.push(name)
  }
  return found
}

/** Pairs of images and labels, train first. @throws Failure bad-input when a partner is missing */
export async function idxGroups(look: SourceLook): Promise<IdxGroup[]> {
  const names = siblings(look)
  const images = await imageFiles(look)
  if (images.length === 0) {
    throw badInput(
      `${look.name} holds no IDX images file.`,
      "Use MNIST's names, such as train-images-idx3-ubyte and train-labels-idx1-ubyte."
    )
  }
  const groups = images.map((file): IdxGroup => {
    if (!IMAGES.test(file)) {
      throw badInput(
        `${look.name} cannot be paired with its labels: its name has no "images" in it.`,
        "Use MNIST's names, such as train-images-idx3-ubyte and train-labels-idx1-ubyte."
      )
    }
    const labels = either(names, labelsNameOf(file)) ?? labelsLike(names, file)
    if (!labels) {
      throw badInput(
        `${nameOf(look, file)} has no labels file beside it.`,
        `Put ${labelsNameOf(file)} into the same folder.`
      )
    }
    return { split: splitInName(file), images: file, labels, truth: either(names, truthNameOf(labels)) }
  })
  groups.sort((a, b) => compareSplits(a.split, b.split))
  groups.forEach((group, i) => {
    const before = groups[i - 1]
    if (before && before.split === group.split) {
      throw badInput(
        `${look.name} holds two sets, ${before.images} and ${group.images}, that cannot be told apart.`,
        'Name one of the images files instead of the folder.'
      )
    }
  })
  return groups
}
