import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { fileFailure } from '@main/file-formats/file-failure'
import { failureData } from '@shared/domain/failure'
import { temporaryFolder } from '@support/command'

function thrown(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('Nothing was thrown.')
}

describe('what the operating system refuses is nobody’s defect', () => {
  const folder = temporaryFolder()
  test.each([
    [() => readFileSync(path.join(folder, 'none')), 'none does not exist', 'bad-input'],
    [() => readFileSync(folder), 'A file is a folder', 'bad-input'],
    [() => readdirSync(path.join(folder, 'gone')), 'gone does not exist', 'bad-input'],
    [() => readFileSync(`${folder}/a\0b`), 'A path holds a null character', 'bad-input'],
    [() => writeFileSync(path.join(folder, 'x'.repeat(300)), ''), 'too long', 'bad-input'],
    [() => Buffer.alloc(2 ** 52), 'x', 'internal']
  ])('%s', (act, sentence, code) => {
    const failure = failureData(thrown(act))
    expect(failure.code).toBe(code)
    if (code === 'internal') return
    expect(failure.sentence).toContain(sentence)
    expect(failure.remedy).not.toContain('defect')
  })

  test('a full disk names the file', () => {
    const error = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      path: '/ws/x.npy'
    })
    expect(failureData(error)).toEqual({
      code: 'refused',
      sentence: 'The disk is full: /ws/x.npy could not be written.',
      remedy: 'Free some space, or choose another disk.'
    })
  })

  test('a reader of a file says the same with the name that it was given', () => {
    const error = Object.assign(new Error('EEXIST'), { code: 'EEXIST', path: '/tmp/a', dest: '/tmp/b' })
    expect(failureData(error).sentence).toBe('/tmp/b is there already.')
    expect(failureData(fileFailure(error, 'my data')).sentence).toBe('my data is there already.')
    const long = Object.assign(new Error('ENAMETOOLONG'), { code: 'ENAMETOOLONG' })
    expect(failureData(fileFailure(long, 'x'.repeat(300))).sentence).toHaveLength(80 + 46)
  })

  test('what is a defect stays one', () => {
    expect(failureData(new TypeError('x is not a function')).code).toBe('internal')
  })
})
