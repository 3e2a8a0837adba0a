import { afterEach, describe, expect, test } from 'vitest'
import {
  addMarks,
  DatasetStore,
  freezeTrusted,
  importNoisySample,
  readTrust,
  removeMarks,
  resolveReference,
  writeTrust
} from '@main/datasets'
import path from 'node:path'
import { adviseOnTrust } from '@shared/domain/trusted-set'
import { scratchFolder } from '../support/command'

const closing: (() => void)[] = []
afterEach(() => closing.splice(0).forEach((close) => close()))

async function sample(): Promise<{ store: DatasetStore; name: string; id: string }> {
  const { dir, remove } = scratchFolder()
  closing.push(remove)
  const store = new DatasetStore(path.join(dir, 'datasets'))
  const { name, id } = await importNoisySample(store, 0.4)
  return { store, name, id }
}

describe('trusted marks', () => {
  test('the sample has wrong labels in train only, and keeps the truth', async () => {
    const { store, name } = await sample()
    const wrong = async (ref: string): Promise<number> => {
      const selection = await resolveReference(store, ref)
      closing.unshift(() => selection.close())
      return (
        selection.labels.reduce((n, label, i) => n + Number(label !== selection.truth![i]), 0) /
        selection.count
      )
    }
    expect(await wrong(`${name}#checked`)).toBe(0)
    expect(await wrong(`${name}#test`)).toBe(0)
    expect(await wrong(`${name}#train`)).toBeCloseTo(0.4, 1)
    expect(store.list()).toHaveLength(1)
  })

  test('marked examples are data with the labels a person gave, frozen for a run', async () => {
    const { store, name, id } = await sample()
    const meta = store.get(id)
    addMarks(meta, [
      { row: 700, label: 3 },
      { row: 5, label: 9 }
    ])
    const frozen = await freezeTrusted(store, `${name}#trusted`)
    expect(frozen).toMatch(new RegExp(`^${name}#trusted@[0-9a-f]{12}$`))
    addMarks(meta, [{ row: 6, label: 1 }])
    const [now, then, all] = [
      await resolveReference(store, `${name}#trusted`),
      await resolveReference(store, frozen),
      await resolveReference(store, name)
    ]
    closing.unshift(() => [now, then, all].forEach((selection) => selection.close()))
    expect(Array.from(now.labels)).toEqual([9, 1, 3])
    expect(Array.from(then.labels)).toEqual([9, 3])
    expect(then.readRows([0, 1])).toEqual(all.readRows([5, 700]))
    removeMarks(meta, [5, 6, 700])
    await expect(resolveReference(store, `${name}#trusted`)).rejects.toMatchObject({ code: 'bad-input' })
  })

  test('a split taken as trusted stands for the marks', async () => {
    const { store, name, id } = await sample()
    writeTrust(store.get(id), { marks: [], reference: `${name}#checked` })
    const selection = await resolveReference(store, `${name}#trusted`)
    closing.unshift(() => selection.close())
    expect(selection.count).toBe(200)
    expect(await freezeTrusted(store, `${name}#trusted`)).toBe(`${name}#checked`)
  })

  test('refuses rows and classes that are not there', async () => {
    const { store, id } = await sample()
    expect(() => addMarks(store.get(id), [{ row: 1, label: 10 }])).toThrow(/no example 1 or no class 10/)
    expect(readTrust(store.get(id)).marks).toEqual([])
  })

  test('a dataset thrown away comes back with its marks', async () => {
    const { store, id } = await sample()
    addMarks(store.get(id), [{ row: 1, label: 2 }])
    const { undo } = store.discard(id)
    expect(store.list()).toEqual([])
    expect(readTrust(store.restore(undo)).marks).toEqual([{ row: 1, label: 2 }])
    expect(() => store.restore('../x')).toThrow(expect.objectContaining({ code: 'not-found' }))
  })

  test('advice names the class that lacks most', () => {
    expect(adviseOnTrust([0, 0], ['cat', 'dog']).level).toBe('none')
    expect(adviseOnTrust([3, 0], ['cat', 'dog']).sentence).toContain('dog')
    expect(adviseOnTrust([30, 12], ['cat', 'dog']).level).toBe('fair')
    expect(adviseOnTrust([30, 45], ['cat', 'dog']).level).toBe('good')
  })
})
