import type { DatasetMeta } from '@shared/domain/dataset'
import { coversHalf, TRUSTED_SPLIT } from '@shared/domain/trusted-set'

/** The data of a new run, as a dataset suggests it. */
export interface SuggestedData {
  readonly train: string
  /** Absent where too few are trusted for a run with them. */
  readonly trusted?: string
  /** The role that is turned off. */
  readonly none?: 'trusted'
  readonly test?: string
}

/**
 * Doubtful examples from the training split, a test split where there is one, and trusted ones as marked; none where fewer
 * than half of the classes that occur have a mark: a first look counts those as well.
 * @param classCounts trusted examples of each class
 */
export function suggestedData(
  { name, splits }: DatasetMeta,
  given: readonly number[],
  classCounts: readonly number[]
): SuggestedData {
  const occurring = new Set(given)
  const missing = [...occurring].filter((label) => !classCounts[label]).length
  const has = (split: string): boolean => splits.some((other) => other.name === split)
  return {
    train: has('train') ? `${name}#train` : name,
    ...(coversHalf(missing, occurring.size) ? { trusted: `${name}#${TRUSTED_SPLIT}` } : { none: 'trusted' }),
    // Where all is learned from, a test split of it would measure what was learned.
    ...(has('train') && has('test') ? { test: `${name}#test` } : {})
  }
}

/** Side of a photograph's tile: sharp at the largest size that the grid shows. */
const PHOTOGRAPH_TILE = 160

/** Whether examples are shown as they were taken, because models get them resized. */
export function arePhotographs({ format, layout }: DatasetMeta): boolean {
  const { originals } = layout
  return (
    format === 'images' &&
    typeof layout['imageSize'] === 'number' &&
    (originals === true || originals === 'source')
  )
}

/** Side at which the tiles of a dataset's grid are fetched, pixels. */
export function gridTile(meta: DatasetMeta): number {
  return arePhotographs(meta) ? PHOTOGRAPH_TILE : nativeSize(meta.shape)
}

/** Side at which the dataset's pictures are fetched, pixels. */
export function nativeSize(shape: readonly number[]): number {
  if (shape.length === 1) return 64
  return Math.min(96, Math.max(16, shape[0] ?? 28, shape[1] ?? 28))
}
