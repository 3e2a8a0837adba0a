import { expect, it } from 'vitest'
import { selectBackend } from '@engine/backends'
import { cutForFlags, believeLabels } from '@engine/tasks/denoising/label-evidence'
import { detectionOf } from '@engine/tasks/denoising/detection'
import { ResidentExamples } from '@engine/tasks/shared/resident-examples'
import { featureScale, standardised } from '@engine/tasks/shared/standardised-features'
import { corruptLabels } from '@main/datasets'
import { readSet, sourceOf, trustedOf } from '../../../../bench/label-error-sets'

it('flags digits called the next one, though classifiers have learned that some are', async () => {
  await selectBackend('wasm')
  const set = (await readSet('digits'))!
  const truth = set.doubtful.labels
  const labels = corruptLabels(truth, { noise: 0.2, pattern: 'asymmetric', seed: 0 })
  const train = sourceOf(set, { ...set.doubtful, labels })
  const scale = featureScale(train)
  const trusted = new ResidentExamples(standardised(sourceOf(set, trustedOf(set, '10', 0)), scale))
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
