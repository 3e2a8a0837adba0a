import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { deathOf } from '@main/runs/worker-death'
import { temporaryFolder } from '@support/command'

const TENSORFLOW = '2026-11-29 01:00:00.1: I tensorflow/core/platform/cpu_feature_guard.cc:142] oneDNN'
const log = (): string => path.join(temporaryFolder(), 'logs', 'training.log')

test.each([
  [{ code: null, signal: 'SIGKILL' as const, stderr: TENSORFLOW }, 'memory runs out', '--batch-size'],
  [{ code: null, signal: 'SIGILL' as const, stderr: TENSORFLOW }, 'processor lacks', '--backend wasm'],
  [
    { code: 134, signal: null, stderr: `FATAL ERROR: JavaScript heap out of memory\n${TENSORFLOW}` },
    'memory ran out',
    '--batch-size'
  ],
  [
    { code: 1, signal: null, stderr: `Error: ENOSPC: no space left on device, write\n${TENSORFLOW}` },
    'the disk is full',
    'Free some space'
  ],
  [
    { code: 1, signal: null, stderr: "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'x'" },
    'installation is missing',
    'npm ci'
  ],
  [{ code: 7, signal: null, stderr: TENSORFLOW }, 'it ended with code 7', 'again']
])('a death is explained by its cause, not by the last line of a library: %j', (exit, sentence, remedy) => {
  const file = log()
  const failure = deathOf(exit, { log: file })
  expect(failure.code).toBe('process-died')
  expect(failure.message).toContain(sentence)
  expect(failure.message).not.toContain('tensorflow')
  expect(failure.message).toContain(file)
  expect(failure.remedy).toContain(remedy)
  expect(readFileSync(file, 'utf8')).toContain(exit.stderr)
})

test('a resumable run is continued; where no log can be written none is named', () => {
  const exit = { code: null, signal: 'SIGKILL' as const, stderr: '' }
  const failure = deathOf(exit, { resumable: true, log: '/dev/null/training.log' })
  expect(failure.remedy).toContain('"bilevel runs resume"')
  expect(failure.message).not.toContain('training.log')
})
