import { describe, expect, test } from 'vitest'
import { FILE_ENDINGS, FORMATS, FORMAT_NAMES } from '@main/datasets/formats'
import { DATASET_FORMATS } from '@shared/domain/dataset'

describe('the table of formats', () => {
  test('has a definition of every format, whose reader says the same name', () => {
    expect([...FORMAT_NAMES].sort()).toEqual([...DATASET_FORMATS].sort())
    for (const name of FORMAT_NAMES) expect(FORMATS[name].codec.format).toBe(name)
  })

  test('holds a source against what is unmistakable first: a table is what is left', () => {
    expect(FORMAT_NAMES).toEqual(['idx', 'cifar', 'svhn', 'npz', 'npy', 'arrow', 'images', 'table'])
  })

  test('tells formats apart by ending and text', () => {
    const endings = FORMAT_NAMES.flatMap((name) => FORMATS[name].endings)
    expect([...FILE_ENDINGS]).toEqual(endings)
    expect(new Set(FORMAT_NAMES.map((name) => FORMATS[name].text)).size).toBe(FORMAT_NAMES.length)
  })

  test('a copy is named so that its own reader finds it', () => {
    for (const name of FORMAT_NAMES) {
      const { endings, fileName } = FORMATS[name]
      if (fileName) for (const ending of endings) expect(`data.${ending}`).toMatch(fileName)
    }
  })
})
