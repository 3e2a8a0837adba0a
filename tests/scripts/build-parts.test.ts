import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { PROJECT, temporaryFolder } from '@support/command'
import { buildParts, hashOf, isCurrent, PARTS } from '../../scripts/build/parts.mjs'
import type { Part } from '../../scripts/build/parts.mjs'

let product: string
const at = (...names: string[]): string => path.join(product, ...names)
const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(at(file)), { recursive: true })
  writeFileSync(at(file), text)
}
/** A part whose build copies its first input. */
const copying = (name: string, inputs: string[]): Part => ({
  title: `the ${name}`,
  inputs,
  shown: 'made.js',
  command: (beside) => [
    '-e',
    `const fs = require('fs'); fs.mkdirSync(${JSON.stringify(path.join(beside, name))}); ` +
      `fs.copyFileSync(${JSON.stringify(`${inputs[0]}/a.ts`)}, ${JSON.stringify(path.join(beside, name, 'made.js'))})`
  ]
})
const parts = { one: copying('one', ['one', 'both']), two: copying('two', ['two', 'both']) }

let said: string[]
const build = (options: { all?: boolean; names?: string[] } = {}): Promise<string[]> => {
  said = []
  return buildParts(product, { ...options, parts, say: (line) => said.push(line) })
}

beforeEach(() => {
  product = temporaryFolder()
  for (const folder of ['one', 'two', 'both']) write(`${folder}/a.ts`, folder)
})

test('builds each part once; up to date, nothing', async () => {
  expect(await build()).toEqual(['one', 'two'])
  expect(said).toEqual([
    'Building the one: it has not been built ...',
    'Building the two: it has not been built ...'
  ])
  expect(await build()).toEqual([])
  expect(said).toEqual(['The build is up to date.'])
})

test('what has changed is built, and nothing else', async () => {
  await build()
  write('two/a.ts', 'changed')
  expect(await build()).toEqual(['two'])
  expect(said).toEqual(['Building the two: its sources have changed ...'])
  expect(readFileSync(at('out/two/made.js'), 'utf8')).toBe('changed')
  write('one/deep/b.ts', 'new')
  expect(await build()).toEqual(['one'])
  rmSync(at('one/deep/b.ts'))
  expect(await build()).toEqual(['one'])
  write('both/a.ts', 'changed')
  expect(await build()).toEqual(['one', 'two'])
  expect(await build({ names: ['two'], all: true })).toEqual(['two'])
})

test('a time is no change, and a file that has moved is one', async () => {
  await build()
  utimesSync(at('one/a.ts'), new Date(), new Date())
  expect(await build()).toEqual([])
  write('one/b.ts', 'one')
  rmSync(at('one/a.ts'))
  expect(isCurrent(product, 'one', parts)).toBe(false)
})

test('what another build has put there, or somebody has removed, is built again', async () => {
  await build()
  // As electron-vite does: the folder emptied, then filled.
  rmSync(at('out/one'), { recursive: true })
  write('out/one/made.js', 'of other sources')
  rmSync(at('out/two/made.js'))
  expect(await build()).toEqual(['one', 'two'])
})

test('what changes during a build is of the next one', async () => {
  const changing = {
    one: {
      ...parts.one,
      command: (beside: string) => {
        const [flag, code] = parts.one.command(beside)
        return [flag!, `${code}; fs.writeFileSync('one/a.ts', 'later')`]
      }
    }
  }
  await buildParts(product, { parts: changing, say: () => undefined })
  expect(isCurrent(product, 'one', parts)).toBe(false)
})

test('a build that fails says why, and what was there stays', async () => {
  await build()
  write('one/a.ts', 'broken')
  const broken = {
    one: { ...parts.one, command: () => ['-e', 'console.error("line 7 is wrong"); process.exit(1)'] }
  }
  await expect(buildParts(product, { parts: broken, say: () => undefined })).rejects.toThrow(
    'line 7 is wrong'
  )
  expect(readFileSync(at('out/one/made.js'), 'utf8')).toBe('one')
  expect(existsSync(at(`out/.new-one-${process.pid}`))).toBe(false)
  expect(isCurrent(product, 'one', parts)).toBe(false)
})

test('the inputs of the real parts are there', () => {
  for (const { inputs } of Object.values(PARTS)) expect(hashOf(PROJECT, inputs)).toMatch(/^[0-9a-f]{64}$/)
})
