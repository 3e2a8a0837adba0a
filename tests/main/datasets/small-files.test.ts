import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { isPoisoned } from '@main/datasets'
import { readLines } from '@main/datasets/codecs/idx-codec'
import { classFolder } from '@main/datasets/export/image-paths'
import { temporaryFolder } from '@support/command'
import { failureOf } from '@support/datasets'

test('names that are no UTF-8 are refused, not joined into one', async () => {
  const file = path.join(temporaryFolder(), 'class-names.txt')
  writeFileSync(file, Buffer.from('caf\u00e9\ncaf\u00e8\n', 'latin1'))
  expect((await failureOf(async () => readLines(file))).message).toContain('no UTF-8 text')
  writeFileSync(file, 'caf\u00e9\r\ncaf\u00e8\n\n')
  expect(readLines(file)).toEqual(['caf\u00e9', 'caf\u00e8'])
})

test('blanks without end are read once', () => {
  const file = path.join(temporaryFolder(), 'class-names.txt')
  writeFileSync(file, `a${' '.repeat(2_000_000)}b\n`)
  expect(readLines(file)?.[0]).toHaveLength(2_000_002)
  expect(classFolder(`a${'. '.repeat(200_000)}b.`)).toBe(`a${'. '.repeat(200_000)}b_`)
})

test.skipIf(process.platform === 'win32')('a pipe called like a small file is never waited for', () => {
  const folder = temporaryFolder()
  for (const name of ['manifest.json', 'class-names.txt']) execFileSync('mkfifo', [path.join(folder, name)])
  expect(isPoisoned(folder)).toBe(false)
  expect(readLines(path.join(folder, 'class-names.txt'))).toBeUndefined()
})
