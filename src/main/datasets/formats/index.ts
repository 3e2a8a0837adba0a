import type { DatasetFormat } from '../../../shared/domain/dataset'
import { npy, npz } from './arrays'
import { arrow } from './arrow'
import { cifar } from './cifar'
import type { FormatTable } from './format'
import { idx } from './idx'
import { images } from './images'
import { svhn } from './svhn'
import { table } from './table'

/** The formats, in the order in which a source is held against them: the unmistakable ones first. */
export const FORMATS: FormatTable = { idx, cifar, svhn, npz, npy, arrow, images, table }

/** Their names, in that order. */
export const FORMAT_NAMES = Object.keys(FORMATS) as DatasetFormat[]

/** Endings of files that may hold a dataset. */
export const FILE_ENDINGS: readonly string[] = [
  ...new Set(Object.values(FORMATS).flatMap(({ endings }) => endings))
]
