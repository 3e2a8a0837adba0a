import { expect, it } from 'vitest'
import { selectBackend } from '@engine/backends'
import { cutForFlags, believeLabels } from '@engine/tasks/denoising/label-evidence'
import { detectionOf } from '@engine/tasks/denoising/detection'
import { ResidentExamples } from '@engine/tasks/shared/resident-examples'
import { featureScale, standardised } from '@engine/tasks/shared/standardised-features'
import type { ExampleSource } from '@engine/tasks/shared/task-run'
import { corruptLabels } from '@main/datasets'
import { pick, readSet, trustedOf } from '../../../../bench/label-error-sets'
import type { LabelledRows } from '../../../../bench/label-error-sets'

it('flags digits called the next one, though classifiers have learned that some are', async () => {
  await selectBackend('wasm')
  const set = (await readSet('digits'))!
  const truth = set.doubtful.labels
  const labels = corruptLabels(truth, { noise: 0.2, pattern: 'asymmetric', seed: 0 })
  const source = (rows: LabelledRows): ExampleSource => ({
    count: rows.labels.length,
    shape: set.shape,
    classNames: Array.from({ length: set.classes }, (_, k) => String(k)),
    labels: rows.labels,
    readRows: (wanted) => pick(rows, wanted).features
  })
  const train = source({ features: set.doubtful.features, labels })
  const scale = featureScale(train)
  const trusted = new ResidentExamples(standardised(source(trustedOf(set, '10', 0)), scale))
  const { right, flags } = await believeLabels(
    new ResidentExamples(standardised(train, scale)),
    { examples: trusted, rows: Int32Array.from({ length: trusted.count }, (_, row) => row) },
    0,
    () => Promise.resolve()
  )
  const cut = cutForFlags(right, flags)
  const flagged = Uint8Array.from(right, (score) => Number(score < cut))
  const wrong = Uint8Array.from(labels, (label, row) => Number(label !== truth[row]))
  const { recall, precision } = detectionOf(right, flagged, wrong)
  expect(recall).toBeGreaterThan(0.9)
  expect(precision).toBeGreaterThan(0.9)
})
