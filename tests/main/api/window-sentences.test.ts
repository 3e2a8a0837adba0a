import { expect, test } from 'vitest'
import { apiError, withFailures } from '@main/api/failures'
import { withWindowWords } from '@main/api/window-sentences'
import { badInput } from '@shared/domain/failure'

const WORKSPACE = '/ws'
const UPLOAD = '/ws/uploads/0a1b2c3d-0000-4000-8000-1234567890ab/photos.zip'

test('sentences of every answer are in the window’s words, a person’s own data as they are', () => {
  const record = {
    name: '--seed',
    spec: { task: 'denoising', train: '--train' },
    failure: { code: 'bad-input', sentence: `${UPLOAD} is damaged.`, remedy: 'Give --seed.' }
  }
  const answer = {
    runs: [record, { ...record, failure: null }],
    warnings: ['Choose one with --image-size.'],
    report: { advice: ['Take a smaller --l2.'], metrics: { classNames: ['--l2', 'b'] } },
    labels: [1, 2, 3]
  }
  const said = withWindowWords(answer, WORKSPACE)
  expect(said.runs[0]).toEqual({
    name: '--seed',
    spec: { task: 'denoising', train: '--train' },
    failure: { code: 'bad-input', sentence: 'photos.zip is damaged.', remedy: 'Give "Seed".' }
  })
  expect(said.runs[1]).toBe(answer.runs[1])
  expect(said.warnings).toEqual(['Choose one with "Image size".'])
  expect(said.report.advice).toEqual(['Take a smaller "L2".'])
  expect(said.report.metrics).toBe(answer.report.metrics)
  expect(answer.warnings).toEqual(['Choose one with --image-size.'])
})

test('an answer without sentences is passed on, not copied', () => {
  const answer = { labels: new Int32Array(4), rows: [{ index: 1, files: ['a'] }] }
  expect(withWindowWords(answer, WORKSPACE)).toBe(answer)
})

test('failures, of streams too', async () => {
  const failure = badInput(`${UPLOAD} has no labels.`, 'Name the label column with --label-column.')
  const words = {
    sentence: 'photos.zip has no labels.',
    remedy: 'Name the label column with "Label column".'
  }
  expect(apiError(failure, WORKSPACE)).toMatchObject({ message: words.sentence, data: words })
  async function* stream(): AsyncGenerator<{ warnings: string[] }> {
    yield { warnings: ['Give --seed.'] }
    await Promise.reject(failure)
  }
  const seen: unknown[] = []
  const reading = async (): Promise<void> => {
    for await (const news of withFailures(stream(), WORKSPACE)) seen.push(news)
  }
  await expect(reading()).rejects.toMatchObject({ data: words })
  expect(seen).toEqual([{ warnings: ['Give "Seed".'] }])
})
