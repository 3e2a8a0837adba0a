import path from 'node:path'
import type { DatasetMeta } from '../../shared/domain/dataset'
import { corruptLabels } from './corrupt-labels'
import { DatasetStore } from './dataset-store'
import { stopIfCancelled } from './import-dataset'
import type { ImportWatch } from './import-options'
import { syncTree } from '../files/sync-tree'
import { recordContent } from './store/content'
import { LABELS_FILE, readIntegers, TRUTH_FILE, writeIntegers, writeMeta } from './store/dataset-folder'
import { createTemporaryFolder, discardFolder, publishFolder } from './store/temporary-folder'

const SAMPLE = 'sample-digits'
/** Its split of right labels. */
export const CHECKED_SPLIT = 'checked'
/** Examples at the beginning of the training split whose labels stay right: a trusted set that is at hand. */
const CHECKED = 200

/**
 * The bundled digits with some labels made wrong, so that there is something to find: splits `checked` (right
 * labels), `train` (a share wrong) and `test`; the truth is kept to score by.
 */
export async function importNoisySample(
  store: DatasetStore,
  noise: number,
  watch: ImportWatch = {}
): Promise<DatasetMeta> {
  const temporary = createTemporaryFolder(store.root)
  try {
    const inner = new DatasetStore(temporary)
    const imported = await inner.importFrom(SAMPLE, { name: freeName(store) }, watch)
    const folder = inner.folderOf(imported.id)
    const truth = readIntegers(folder, LABELS_FILE)
    const train = imported.splits.find(({ name }) => name === 'train') ?? { from: 0, to: imported.count }
    const from = train.from + CHECKED
    const labels = truth.slice()
    labels.set(
      corruptLabels(truth.subarray(from, train.to), {
        noise,
        pattern: 'uniform',
        seed: 0
      }),
      from
    )
    writeIntegers(folder, LABELS_FILE, labels)
    writeIntegers(folder, TRUTH_FILE, truth)
    const meta: DatasetMeta = {
      ...imported,
      hasTruth: true,
      // Its labels are no longer those of the files that it came from.
      layout: { ...imported.layout, sourceFiles: [], originals: [] },
      splits: [
        { name: CHECKED_SPLIT, from: train.from, to: from },
        { name: 'train', from, to: train.to },
        ...imported.splits.filter(({ name }) => name !== 'train')
      ]
    }
    writeMeta(folder, meta)
    await recordContent(folder, meta)
    stopIfCancelled(watch)
    await syncTree(folder)
    publishFolder(folder, path.join(store.root, imported.id))
    return store.get(imported.id)
  } finally {
    discardFolder(temporary)
  }
}

function freeName(store: DatasetStore): string {
  const taken = new Set(store.list().map(({ name }) => name))
  for (let i = 1; ; i++) {
    const name = i === 1 ? 'digits-with-wrong-labels' : `digits-with-wrong-labels-${i}`
    if (!taken.has(name)) return name
  }
}
