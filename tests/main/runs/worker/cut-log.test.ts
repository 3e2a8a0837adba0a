import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { cutLog } from '@main/runs/worker/cut-log'
import { temporaryFolder } from '@support/command'

const dir = temporaryFolder()

const metric = (step: number, seconds: number): string => JSON.stringify({ type: 'metric', step, seconds })
const log = (message: string, seconds: number): string =>
  JSON.stringify({ type: 'log', level: 'info', message, seconds })

test('lines after the checkpoint go, logs and what came before stay', async () => {
  const file = path.join(dir, 'metrics.ndjson')
  const lines = [metric(1, 1), metric(2, 2), log('early', 2), metric(3, 3), log('late', 3), metric(4, 4)]
  writeFileSync(file, `${lines.join('\n')}\n`)
  await cutLog(file, 2.5)
  expect(readFileSync(file, 'utf8')).toBe(`${[lines[0], lines[1], lines[2], lines[4]].join('\n')}\n`)
})

test('a line that was cut short by a kill goes, so that the next one begins on its own', async () => {
  const file = path.join(dir, 'torn.ndjson')
  writeFileSync(file, `${metric(1, 1)}\n${metric(2, 2).slice(0, 20)}`)
  await cutLog(file, 5)
  expect(readFileSync(file, 'utf8')).toBe(`${metric(1, 1)}\n`)
})

test('where there was none, there is an empty one', async () => {
  const file = path.join(dir, 'absent.ndjson')
  await cutLog(file, 5)
  expect(existsSync(file) && readFileSync(file, 'utf8')).toBe('')
})
