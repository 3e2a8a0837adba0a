import type { DatasetMeta } from '@shared/domain/dataset'
import type { DatasetSummary } from '@shared/domain/dataset-summary'

/** Class counts by split, wrong labels where the truth is known, size on disk. */
export declare function summariseDataset(meta: DatasetMeta): DatasetSummary
