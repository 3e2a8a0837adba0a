import type { DatasetMeta } from '@shared/domain/dataset'
import { TRUSTED_SPLIT } from '@shared/domain/trusted-set'

/** The data of a new run, as a dataset suggests it. */
export interface SuggestedData {
  readonly train: string
  readonly trusted: string
  readonly test?: string
}

/** Doubtful examples from the training split, trusted ones as marked, a test split where there is one. */
export function suggestedData({ name, splits }: DatasetMeta): SuggestedData {
  const has = (split: string): boolean => splits.some((other) => other.name === split)
  return {
    train: has('train') ? `${name}#train` : name,
    trusted: `${name}#${TRUSTED_SPLIT}`,
    ...(has('test') ? { test: `${name}#test` } : {})
  }
}

/** Side at which the dataset's pictures are fetched, pixels. */
export function nativeSize(shape: readonly number[]): number {
  if (shape.length === 1) return 64
  return Math.min(96, Math.max(16, shape[0] ?? 28, shape[1] ?? 28))
}
