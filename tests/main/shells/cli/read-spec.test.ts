import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { readSpec } from '@main/shells/cli/task-commands'
import { readSpecFile } from '@main/shells/cli/read-spec'
import { temporaryFolder } from '@support/command'
import { failureOf } from '@support/datasets'

function specOf(text: string | Uint8Array): string {
  const file = path.join(temporaryFolder(), 'spec.yaml')
  writeFileSync(file, text)
  return file
}

const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
  .concat(
    'bcdefghi'
      .split('')
      .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`)
  )
  .join('\n')

describe('a spec file', () => {
  test('gives its values and says where each stands', async () => {
    const file = specOf('task: denoising\ntrain: &set mnist\ntrusted: *set\nepochs: many\n')
    const { values, nameOf } = await readSpecFile(file)
    expect(values).toEqual({ task: 'denoising', train: 'mnist', trusted: 'mnist', epochs: 'many' })
    expect(nameOf('epochs')).toBe(`${file}, line 4: epochs`)
    expect(nameOf('absent')).toBe(`${file}: absent`)
  })

  test('that lacks a field is spoken of in its own words, not in flags', async () => {
    const failure = await failureOf(() => readSpec(specOf('task: denoising\ntrain: mnist\n')))
    expect(failure.message).toContain(': trusted is missing.')
    expect(failure.remedy).toBe('Give trusted, or "trusted: false" to go without; see --help.')
  })

  test.each([
    ['an alias that multiplies', bomb, 'line 2 uses the alias *a'],
    ['an alias of itself', 'a: &a [*a]', 'line 1 uses the alias *a'],
    ['an unknown tag', 'task: x\ntrain: !!js/function "() => 1"', 'line 2 is not valid YAML'],
    ['one key twice', 'task: a\ntask: b', 'line 2 is not valid YAML'],
    ['two documents', 'task: a\n---\ntask: b', 'is not valid YAML'],
    ['depth without end', '['.repeat(100_000), 'YAML'],
    ['a mapping in a mapping', `task: ${'{a: '.repeat(50_000)}`, 'YAML'],
    ['a null character', 'task: a\ntrain: b\0c', 'line 2 holds a null character'],
    ['a list', '- a\n- b', 'holds no spec'],
    ['nothing', '', 'holds no spec'],
    ['no text', Buffer.from([0x74, 0xff, 0xfe]), 'no UTF-8 text']
  ])('with %s is refused', async (_, text, sentence) => {
    const failure = await failureOf(() => readSpecFile(specOf(text)))
    expect(failure.code).toBe('bad-input')
    expect(failure.message.replace('is nested too deeply', 'YAML')).toContain(sentence)
  })

  test('that is a folder, missing or impossible is refused', async () => {
    for (const file of [temporaryFolder(), path.join(temporaryFolder(), 'none.yaml'), 'a\0b.yaml']) {
      expect((await failureOf(() => readSpecFile(file))).code).toBe('bad-input')
    }
  })
})
