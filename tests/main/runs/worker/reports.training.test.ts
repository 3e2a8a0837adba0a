import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parseReport } from '@shared/domain/report'
import { bilevel, scratchFolder } from '@support/command'

const { dir, remove } = scratchFolder()
afterAll(remove)

const TRAIN = ['--train', 'sample-digits#train[0:120]']
const VALIDATION = ['--validation', 'sample-digits#train[120:200]']
const TEST = ['--test', 'sample-digits#test[0:80]']

/** Of little work: what starts soonest. */
const SMALL = ['--backend', 'wasm']

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  denoising: ['denoise', ...TRAIN, '--trusted', 'sample-digits#train[120:200]', '--epochs', '2'],
  poisoning: ['poison', ...TRAIN, ...VALIDATION, ...TEST, '--count', '4', '--upper-steps', '4'],
  'clean-label': ['poison', '--attack', 'clean-label', ...TRAIN, ...VALIDATION, '--targets', '2'],
  'few-shot': ['few-shot', ...TRAIN, ...TEST, '--upper-steps', '2', '--test-tasks', '4', '--filters', '4'],
  hyperparameters: ['hyperparameters', ...TRAIN, ...VALIDATION, ...TEST, '--upper-steps', '4'],
  synthetic: ['synthetic', '--problem', 'sum', '--upper-steps', '20', '--trials', '2']
}
const MORE: Readonly<Record<string, readonly string[]>> = {
  'few-shot': ['--ways', '2', '--queries', '2', '--pretrain-epochs', '1'],
  'clean-label': ['--upper-steps', '3', '--epochs', '5', '--epsilon', '0.1'],
  denoising: ['--cross-validation', '2', '--pretrain-epochs', '5', ...SMALL],
  hyperparameters: SMALL,
  poisoning: ['--victim-seeds', '1', ...SMALL]
}

test.for(Object.keys(COMMANDS))('the metrics of %s are those of its schema, none left out', async (name) => {
  const out = path.join(dir, name)
  const { code, stdout, stderr } = await bilevel([
    ...COMMANDS[name]!,
    ...(MORE[name] ?? []),
    ...['--out', out, '--json', '--quiet', '--workspace', path.join(dir, 'workspace')]
  ])
  expect(code, stderr).toBe(0)
  const file: unknown = JSON.parse(readFileSync(path.join(out, 'report.json'), 'utf8'))
  expect(JSON.parse(stdout)).toEqual(file)
  expect(parseReport(file)).toEqual(file)
})
