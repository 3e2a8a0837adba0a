import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { RunRecord } from '@shared/domain/run'
import { bilevel, temporaryFolder, until } from '@support/command'
import { recordedRuns, runningProcess } from '@support/recorded-runs'

const dir = temporaryFolder()

const workspace = path.join(dir, 'workspace')
const out = path.join(dir, 'out')
const linesOf = (): number => {
  const log = path.join(out, 'metrics.ndjson')
  return existsSync(log) ? readFileSync(log, 'utf8').split('\n').length : 0
}
const onlyRun = (): RunRecord => recordedRuns(workspace)[0]!

test('SIGTERM pauses a run of the command line, at its owner or at its training process; Ctrl-C ends it', async () => {
  const data = ['--train', 'sample-digits#train[200:500]', '--trusted', 'sample-digits#train[0:200]']
  const args = ['--model', 'logistic', '--epochs', '20000', '--workspace', workspace]
  const first = await bilevel(['denoise', ...data, ...args, '--out', out], {
    during: (interrupt) => void until(() => linesOf() > 20).then(() => interrupt('SIGTERM'))
  })
  expect(first).toMatchObject({ code: 143, stderr: expect.stringContaining('is paused. Continue it with') })
  const run = onlyRun()
  expect(run).toMatchObject({ state: 'paused', resumable: true, failure: null, pid: null })

  const before = linesOf()
  const second = await bilevel(['runs', 'resume', run.id, '--workspace', workspace], {
    during: () =>
      void until(() => linesOf() > before + 20).then(() => process.kill(runningProcess(workspace), 'SIGTERM'))
  })
  expect(second.code).toBe(143)
  expect(onlyRun()).toMatchObject({ state: 'paused', resumable: true, failure: null })

  const beforeThird = linesOf()
  const third = await bilevel(['runs', 'resume', run.id, '--workspace', workspace], {
    during: (interrupt) => void until(() => linesOf() > beforeThird + 20).then(() => interrupt('SIGINT'))
  })
  expect(third.code).toBe(130)
  expect(onlyRun().state).toBe('cancelled')
  const steps = readFileSync(path.join(out, 'metrics.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; step: number; f?: number })
    .flatMap(({ type, step, f }) => (type === 'metric' && f !== undefined ? [step] : []))
  expect(steps).toEqual(Array.from({ length: steps.length }, (_, i) => i + 1))
})
