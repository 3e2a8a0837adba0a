import path from 'node:path'
import { expect, test } from 'vitest'
import { report as reportSchema } from '@shared/domain/report'
import { bilevel, temporaryFolder } from '@support/command'

const dir = temporaryFolder()

test('a convolutional network judges labels that it has not seen, and nothing is trained that nobody looks at', async () => {
  const at = (name: string): string => path.join(dir, name)
  const place = ['--workspace', at('workspace'), '--quiet']
  await bilevel([
    ...['corrupt', 'sample-digits#train[0:400]', '--noise', '0.2', '--out', at('noisy')],
    ...place
  ])
  const { code, stdout, stderr } = await bilevel([
    ...['denoise', '--train', at('noisy'), '--trusted', 'sample-digits#train[500:560]', '--model', 'cnn'],
    ...['--out', at('out'), '--json', ...place]
  ])
  expect(code, stderr).toBe(0)
  const report = reportSchema.parse(JSON.parse(stdout))
  if (report.task !== 'denoising') throw new Error(report.task)
  const { evidence, testAccuracy, recommendation } = report.metrics
  expect(evidence?.combined?.auroc).toBeGreaterThan(0.95)
  expect(evidence?.combined?.f1).toBeGreaterThan(0.75)
  expect(recommendation.classifier).toBe('cleaned')
  expect(testAccuracy).toEqual({ trustedOnly: null, noisy: null, bilevel: null, cleaned: null })
})
