import { existsSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportDataset, inspectSource } from '@main/datasets'
import { temporaryFolder } from '@support/command'
import { FIXTURES, select, temporaryStore } from '@support/datasets'

const fixture = (name: string): string => path.join(FIXTURES, name)

describe('inspection', () => {
  it.each([
    ['idx-gzip', 28, [6, 5, 1]],
    ['cifar-10', 6, [32, 32, 3]],
    ['numpy-compressed.npz', 13, [6]],
    ['pets.zip', 10, [7, 9, 3]],
    ['pandas.csv', 11, [4]],
    ['pyarrow.parquet', 11, [4]],
    ['svhn-compressed', 5, [32, 32, 3]],
    ['sample-digits', 1797, [8, 8, 1]]
  ])('%s', async (name, count, shape) => {
    const inspection = await inspectSource(existsSync(fixture(name)) ? fixture(name) : name)
    expect(inspection.count).toBe(count)
    expect(inspection.shape).toEqual(shape)
    expect(inspection.reason).not.toBe('')
    expect(inspection.missing).toEqual([])
    expect(inspection.bytes).toBeGreaterThan(100)
    expect(inspection.sampleImages.length).toBeGreaterThanOrEqual(Math.min(4, count))
    expect(inspection.sampleImages.length).toBeLessThanOrEqual(24)
    for (const { png, label } of inspection.sampleImages) {
      expect(Buffer.from(png.replace('data:image/png;base64,', ''), 'base64').toString('latin1', 1, 4)).toBe(
        'PNG'
      )
      if (inspection.classNames.length) expect(inspection.classNames).toContain(label)
    }
  })

  it('tells what a table offers', async () => {
    const inspection = await inspectSource(fixture('pandas.csv'))
    expect(inspection.labelColumn).toBe('label')
    expect(inspection.columns).toEqual(['', 'width', 'height, cm', 'the "third"', 'label', 'count'])
    expect(inspection.warnings).toEqual([
      'These columns are no features: (unnamed) (identifier: it has no name, and another value in each row). Say otherwise with --column name=role.'
    ])
  })

  it('of a table it counts rows and classes beyond the first ones, and shows rows as they stand there', async () => {
    const file = path.join(temporaryFolder(), 'questions.csv')
    const rows = Array.from(
      { length: 3000 },
      (_, i) => `question number ${i} about ${'x'.repeat(i % 97)},kind ${Math.floor(i / 100)}`
    )
    writeFileSync(file, ['text,label', ...rows, ''].join('\n'))
    const inspection = await inspectSource(file)
    expect(inspection.count).toBe(3000)
    expect(inspection.countIsEstimate).toBe(false)
    expect(inspection.classNames).toHaveLength(30)
    expect(inspection.sampleRows).toHaveLength(10)
    expect(inspection.sampleRows![1]).toEqual({ label: 'kind 0', cells: ['question number 1 about x'] })
  })

  it('asks which column holds the label where long names of classes stand beside a category', async () => {
    const file = path.join(temporaryFolder(), 'birds.csv')
    const rows = Array.from(
      { length: 600 },
      (_, i) =>
        `${i}.5,region ${i % 4},Northern chestnut-winged warbler of the upper floodplain ${(i * 7) % 120}`
    )
    writeFileSync(file, ['weight,region,species', ...rows, ''].join('\n'))
    const inspection = await inspectSource(file)
    expect(inspection.missing).toEqual(['labelColumn'])
    expect(inspection.labelColumnCandidates).toEqual(['species', 'region'])
  })

  it('takes no category with empty cells for the label without being asked', async () => {
    const file = path.join(temporaryFolder(), 'weights.csv')
    const rows = Array.from(
      { length: 60 },
      (_, i) => `${i}.5,${i % 9 === 0 ? '' : `region ${i % 4}`},${i % 3}`
    )
    writeFileSync(file, ['weight,region,grade', ...rows, ''].join('\n'))
    expect((await inspectSource(file)).missing).toEqual(['labelColumn'])
  })

  it('takes the only column of names for the label though a cell is empty, and says which', async () => {
    const file = path.join(temporaryFolder(), 'flowers.csv')
    const rows = Array.from(
      { length: 60 },
      (_, i) => `${i}.5,${i / 8 + 0.1},${i === 30 ? '' : ['aster', 'bell'][i % 2]}`
    )
    writeFileSync(file, ['petal,sepal,flower', ...rows, ''].join('\n'))
    const { missing, warnings } = await inspectSource(file)
    expect(missing).toEqual([])
    expect(warnings).toEqual(['Without a label: row 31. Leave them out with --skip-unlabelled.'])
  })

  it('pictures have no rows to show', async () => {
    expect((await inspectSource(fixture('idx-gzip'))).sampleRows).toBeUndefined()
  })

  it('tells of a manifest that says poisoned', async () => {
    const store = temporaryStore()
    const folder = temporaryFolder()
    const out = path.join(folder, 'poisoned')
    await exportDataset(await select(store, fixture('idx-plain')), { format: 'idx', out })
    expect((await inspectSource(out)).poisoned).toBe(false)
    writeFileSync(path.join(folder, 'manifest.json'), '{"poisoned": true}')
    expect((await inspectSource(out)).poisoned).toBe(true)
    const copy = path.join(temporaryFolder(), 'copy')
    await exportDataset(await select(store, out), { format: 'npz', out: copy })
    const meta = await store.importFrom(copy)
    expect(meta.poisoned).toBe(true)
    expect(statSync(path.join(copy, 'manifest.json')).isFile()).toBe(true)
  })
})
