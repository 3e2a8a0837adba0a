import type { DatasetMeta } from '../../shared/domain/dataset'
import type { DatasetSummary } from '../../shared/domain/dataset-summary'
import type { VouchedLabel } from '../../shared/domain/trusted-set'
import { checkFiles } from './store/content'
import { folderBytes } from './folder-bytes'
import { folderOfMeta, LABELS_FILE, readIntegers, TRUTH_FILE } from './store/dataset-folder'

/**
 * Class counts by split, wrong labels where the truth is known, size on disk.
 * @param vouched labels that stand in place of the given ones
 */
export function summariseDataset(meta: DatasetMeta, vouched: readonly VouchedLabel[] = []): DatasetSummary {
  const folder = folderOfMeta(meta)
  checkFiles(folder, meta)
  const labels = readIntegers(folder, LABELS_FILE)
  for (const { row, label } of vouched) labels[row] = label
  const countsOf = (from: number, to: number): number[] => {
    const counts = new Array<number>(meta.classNames.length).fill(0)
    for (let i = from; i < to; i++) counts[labels[i]!]!++
    return counts
  }
  const all = countsOf(0, labels.length)
  const splits = meta.splits.length ? meta.splits : [{ name: null, from: 0, to: meta.count }]
  return {
    count: meta.count,
    shape: meta.shape,
    classes: meta.classNames.map((name, i) => ({ name, count: all[i] ?? 0 })),
    splits: splits.map(({ name, from, to }) => ({ name, count: to - from, classCounts: countsOf(from, to) })),
    wrongLabels: meta.hasTruth ? wrong(labels, readIntegers(folder, TRUTH_FILE)) : null,
    bytes: folderBytes(folder)
  }
}

function wrong(labels: Int32Array, truth: Int32Array): number {
  return labels.reduce((count, label, i) => count + (label === truth[i] ? 0 : 1), 0)
}
