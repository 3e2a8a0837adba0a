import path from 'node:path'
import { statSync } from 'node:fs'
import { badInput } from '../../../shared/domain/failure'
import { nameOf, pathOf, type SourceLook } from './source-look'

/** Values of one 32 x 32 colour image. */
export const CIFAR_PIXELS = 3072
export const CIFAR_SIDE = 32

export type CifarVariant = 'cifar-10' | 'cifar-100'

/** Label bytes before the pixels: CIFAR-100 has a coarse one and a fine one. */
export function labelBytes(variant: CifarVariant): number {
  return variant === 'cifar-10' ? 1 : 2
}

export interface CifarBatch {
  readonly file: string
  readonly split?: string
  readonly count: number
}

const BATCH = /^(?:(data_batch_(\d+))|(test_batch))\.bin$/i
const SPLIT = /^(train|test)\.bin$/i

function splitOf(file: string): string | undefined {
  if (/^(data_batch_\d+|train)\.bin$/i.test(file)) return 'train'
  return /^test(_batch)?\.bin$/i.test(file) ? 'test' : undefined
}

/** Names of the batches that a source holds, train first, in their numbers' order. */
export function cifarFiles(look: SourceLook): string[] {
  if (look.kind === 'file') return [path.basename(look.path)]
  const found = look.files.filter((file) => BATCH.test(file) || SPLIT.test(file))
  const rank = (file: string): number =>
    splitOf(file) === 'test' ? Infinity : Number(BATCH.exec(file)?.[2] ?? 0)
  return found.sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0))
}

/** CIFAR-10 or CIFAR-100: by the names of the files, else by what divides their sizes. */
export function cifarVariant(look: SourceLook, files: readonly string[]): CifarVariant | undefined {
  const divides = (record: number): boolean =>
    files.every((file) => statSync(pathOf(look, file)).size % record === 0)
  if (files.some((file) => BATCH.test(file))) return 'cifar-10'
  if (look.files.includes('fine_label_names.txt')) return 'cifar-100'
  if (divides(CIFAR_PIXELS + 1)) return 'cifar-10'
  if (divides(CIFAR_PIXELS + 2)) return 'cifar-100'
  return files.some((file) => SPLIT.test(file)) ? 'cifar-100' : undefined
}

/** @throws Failure bad-input when a file is not a whole number of records */
export function cifarBatches(look: SourceLook): { variant: CifarVariant; batches: CifarBatch[] } {
  const files = cifarFiles(look)
  if (files.length === 0) {
    throw badInput(
      `${look.name} holds no CIFAR batches.`,
      'Name the folder of the binary version, with data_batch_1.bin or train.bin in it.'
    )
  }
  const variant = cifarVariant(look, files) ?? 'cifar-10'
  const record = CIFAR_PIXELS + labelBytes(variant)
  const batches = files.map((file) => {
    const { size } = statSync(pathOf(look, file))
    if (size % record !== 0 || size === 0) {
      throw badInput(
        `${nameOf(look, file)} has ${size} bytes, which is no whole number of records of ${record} bytes (${variant}).`,
        'Copy or download it again; only the binary version of CIFAR is read.'
      )
    }
    return { file, split: splitOf(file), count: size / record }
  })
  return { variant, batches }
}
