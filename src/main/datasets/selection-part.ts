import type { DatasetMeta } from '../../shared/domain/dataset'
import type { ReferencePart } from '../../shared/domain/reference'
import type { VouchedLabel } from '../../shared/domain/trusted-set'

/** A range of rows of one dataset. */
export interface SelectionPart {
  readonly meta: DatasetMeta
  readonly folder: string
  readonly from: number
  readonly to: number
  /** What the user wrote. */
  readonly part?: ReferencePart
  /** True labels of these rows from a file of their own. */
  readonly truth?: Int32Array
  /** Labels of the dataset that somebody vouches for, by its rows; they stand in place of the given ones. */
  readonly vouched?: readonly VouchedLabel[]
  /** Rows of the dataset that people left out: no run trains on them. */
  readonly leftOut?: readonly number[]
}
