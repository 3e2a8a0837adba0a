import { copyFileSync, existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { corruptLabels, exportDataset, inspectSource, resolveReference } from '@main/datasets'
import { BAD_ARRAYS } from '@support/bad-sources/arrays'
import { fixture, picture, written } from '@support/bad-sources/bad-source'
import { BAD_PICTURES } from '@support/bad-sources/pictures'
import { BAD_REFERENCES } from '@support/bad-sources/references'
import { BAD_TABLES } from '@support/bad-sources/tables'
import { WRONG_FILES } from '@support/bad-sources/wrong-files'
import { temporaryFolder } from '@support/command'
import { failureOf, select, temporaryStore } from '@support/datasets'

const BAD = { ...WRONG_FILES, ...BAD_ARRAYS, ...BAD_PICTURES, ...BAD_TABLES, ...BAD_REFERENCES }

describe('bad input is refused in one sentence, with a remedy, and nothing is written', () => {
  it.each(Object.entries(BAD))('%s', async (_, { make, options, names, remedy }) => {
    const store = temporaryStore()
    const reference = make(temporaryFolder())
    const failure = await failureOf(() => resolveReference(store, reference, options))
    expect(failure.code).toBe('bad-input')
    expect(failure.message).toMatch(names)
    expect(failure.message).not.toContain('\n')
    expect(failure.message).toMatch(/\.$/)
    expect(failure.remedy).toMatch(remedy ?? /\w{3,}/)
    const cache = path.join(store.root, '../cache')
    // Good parts of a joint may have been imported; of the bad one nothing is left, hidden or not.
    const left = existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith('.')) : []
    expect(left).toEqual([])
    if (!reference.includes('+') && !/[#[]/.test(reference) && !options?.truth) {
      expect(existsSync(cache) ? readdirSync(cache) : []).toEqual([])
    }
  })

  it.each(Object.entries(BAD).filter(([, { options }]) => options?.truth === undefined))(
    'importing %s leaves the store empty',
    async (_, { make, options }) => {
      const store = temporaryStore()
      const reference = make(temporaryFolder())
      if (reference.includes('#') || reference.includes('+')) return
      const failure = await failureOf(() => store.importFrom(reference, options))
      expect(failure.code).toBe('bad-input')
      expect(existsSync(store.root) ? readdirSync(store.root) : []).toEqual([])
    }
  )
})

describe('bad requests', () => {
  it('an output folder that is not empty, or a file, is left as it was', async () => {
    const store = temporaryStore()
    const selection = await select(store, fixture('idx-plain'))
    const folder = temporaryFolder()
    const file = written(folder, 'keep.txt', 'kept')
    for (const out of [folder, file]) {
      const failure = await failureOf(() => exportDataset(selection, { format: 'npz', out }))
      expect(failure.code).toBe('bad-input')
      expect(failure.message).toContain(out)
    }
    expect(readdirSync(folder)).toEqual(['keep.txt'])
    expect(readFileSync(file, 'utf8')).toBe('kept')
  })

  it('a format that cannot hold the data leaves nothing behind', async () => {
    const store = temporaryStore()
    const parent = temporaryFolder()
    const table = await select(store, fixture('pandas.csv'))
    for (const format of ['images', 'cifar', 'svhn'] as const) {
      const out = path.join(parent, format)
      const failure = await failureOf(() => exportDataset(table, { format, out }))
      expect(failure.code).toBe('bad-input')
      expect(failure.remedy).toMatch(/npz|table/)
    }
    expect(readdirSync(parent)).toEqual([])
  })

  it.each([-0.1, 1.5, NaN])('a noise of %s', async (noise) => {
    const labels = Int32Array.from([0, 1])
    const failure = await failureOf(() => corruptLabels(labels, { noise, pattern: 'uniform', seed: 0 }))
    expect(failure.code).toBe('bad-input')
  })

  it('a missing option is reported by the inspection, not thrown', async () => {
    const folder = temporaryFolder()
    written(folder, 'set/a/1.png', picture())
    copyFileSync(fixture('pillow/smooth.jpg'), path.join(folder, 'set/a/2.jpg'))
    expect((await inspectSource(path.join(folder, 'set'))).missing).toEqual(['imageSize'])
    const table = await inspectSource(written(folder, 't.csv', 'a,b\n1,2\n3,4\n'))
    expect(table.missing).toEqual(['labelColumn'])
    // Most tables end with what is to be told.
    expect(table.labelColumnCandidates).toEqual(['b', 'a'])
  })
})
