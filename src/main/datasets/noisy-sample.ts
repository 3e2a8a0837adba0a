import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { DatasetMeta } from '../../shared/domain/dataset'
import type { SampleKind } from '../../shared/domain/sample-kind'
import { TRUTH_COLUMN } from './codecs/table-columns'
import { corruptLabels } from './corrupt-labels'
import { DatasetStore } from './dataset-store'
import { stopIfCancelled } from './import-dataset'
import type { ImportWatch } from './import-options'
import { MADE_SAMPLES, MADE_TEST_ROWS } from './made-samples'
import type { MadeSample } from './made-samples'
import { sheetLines } from '../file-formats/csv-writer'
import { syncTree } from '../files/sync-tree'
import { recordContent } from './store/content'
import { LABELS_FILE, readIntegers, TRUTH_FILE, writeIntegers, writeMeta } from './store/dataset-folder'
import { createTemporaryFolder, discardFolder, publishFolder } from './store/temporary-folder'

const SAMPLE = 'sample-digits'
/** Its split of right labels. */
export const CHECKED_SPLIT = 'checked'
/** Examples at the beginning of the training split whose labels stay right: a trusted set that is at hand. */
const CHECKED = 200

/** A sample of a kind with some labels made wrong. */
export async function importSampleOf(
  store: DatasetStore,
  kind: SampleKind,
  noise: number,
  watch: ImportWatch = {}
): Promise<DatasetMeta> {
  return kind === 'digits'
    ? await importNoisySample(store, noise, watch)
    : await importMadeSample(store, MADE_SAMPLES[kind](), noise, watch)
}

/** A table that is made here, in the splits of the digits. */
async function importMadeSample(
  store: DatasetStore,
  { name, header, classNames, cells, labels: truth }: MadeSample,
  noise: number,
  watch: ImportWatch
): Promise<DatasetMeta> {
  const temporary = createTemporaryFolder(store.root)
  try {
    const test = truth.length - MADE_TEST_ROWS
    const labels = truth.slice()
    labels.set(corruptLabels(truth.subarray(CHECKED, test), { noise, pattern: 'uniform', seed: 0 }), CHECKED)
    const lines = cells.map((row, i) => [...row, classNames[labels[i]!]!, classNames[truth[i]!]!])
    const file = path.join(temporary, `${name}.csv`)
    await writeFile(file, sheetLines([[...header, 'label', TRUTH_COLUMN], ...lines]))
    const inner = new DatasetStore(path.join(temporary, 'datasets'))
    const imported = await inner.importFrom(file, { name: freeName(store, name) }, watch)
    return await publish(store, inner, imported, watch, [
      { name: CHECKED_SPLIT, from: 0, to: CHECKED },
      { name: 'train', from: CHECKED, to: test },
      { name: 'test', from: test, to: truth.length }
    ])
  } finally {
    discardFolder(temporary)
  }
}

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
    const imported = await inner.importFrom(SAMPLE, { name: freeName(store, 'digits') }, watch)
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
    return await publish(store, inner, imported, watch, [
      { name: CHECKED_SPLIT, from: train.from, to: from },
      { name: 'train', from, to: train.to },
      ...imported.splits.filter(({ name }) => name !== 'train')
    ])
  } finally {
    discardFolder(temporary)
  }
}

/** From a store of its own into the one that is meant, with what is known of it beyond its files. */
async function publish(
  store: DatasetStore,
  inner: DatasetStore,
  imported: DatasetMeta,
  watch: ImportWatch,
  splits: DatasetMeta['splits']
): Promise<DatasetMeta> {
  const folder = inner.folderOf(imported.id)
  const meta: DatasetMeta = {
    ...imported,
    hasTruth: true,
    // Its labels are no longer those of the files that it came from, or these files are gone.
    layout: { ...imported.layout, sourceFiles: [], originals: [] },
    splits
  }
  writeMeta(folder, meta)
  await recordContent(folder, meta)
  stopIfCancelled(watch)
  await syncTree(folder)
  publishFolder(folder, path.join(store.root, imported.id))
  return store.get(imported.id)
}

function freeName(store: DatasetStore, of: string): string {
  const taken = new Set(store.list().map(({ name }) => name))
  for (let i = 1; ; i++) {
    const name = i === 1 ? `${of}-with-wrong-labels` : `${of}-with-wrong-labels-${i}`
    if (!taken.has(name)) return name
  }
}
