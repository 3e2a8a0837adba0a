import { afterEach, describe, expect, test } from 'vitest'
import {
  checkMarks,
  damagedMarks,
  DatasetStore,
  freezeTrusted,
  importNoisySample,
  readTrust,
  resolveReference
} from '@main/datasets'
import { openWorkspaceDatabase, TrustStore } from '@main/runs'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { adviseOnTrust } from '@shared/domain/trusted-set'
import type { TrustedMark } from '@shared/domain/trusted-set'
import { temporaryFolder } from '@support/command'

const closing: (() => void)[] = []
afterEach(() => closing.splice(0).forEach((close) => close()))

async function sample(): Promise<{ store: DatasetStore; trust: TrustStore; name: string; id: string }> {
  const dir = temporaryFolder()
  const database = openWorkspaceDatabase(path.join(dir, 'workbench.sqlite'))
  closing.unshift(() => database.close())
  const trust = new TrustStore(database, 'anna')
  const store = new DatasetStore(path.join(dir, 'datasets'), trust)
  const { name, id } = await importNoisySample(store, 0.4)
  return { store, trust, name, id }
}

function mark(trust: TrustStore, id: string, marks: readonly TrustedMark[]): void {
  const changes = marks.map(({ row, label }) => ({ row, decision: { action: 'relabel' as const, label } }))
  trust.log.decide(id, changes, 'trust')
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
    const { store, trust, name, id } = await sample()
    mark(trust, id, [
      { row: 700, label: 3 },
      { row: 5, label: 9 }
    ])
    const frozen = await freezeTrusted(store, `${name}#trusted`)
    expect(frozen).toMatch(new RegExp(`^${name}#trusted@[0-9a-f]{12}$`))
    mark(trust, id, [{ row: 6, label: 1 }])
    const [now, then, all] = [
      await resolveReference(store, `${name}#trusted`),
      await resolveReference(store, frozen),
      await resolveReference(store, name)
    ]
    closing.unshift(() => [now, then, all].forEach((selection) => selection.close()))
    expect(Array.from(now.labels)).toEqual([9, 1, 3])
    expect(Array.from(then.labels)).toEqual([9, 3])
    expect(then.readRows([0, 1])).toEqual(all.readRows([5, 700]))
    trust.log.decide(
      id,
      [5, 6, 700].map((row) => ({ row, decision: null })),
      'no longer'
    )
    await expect(resolveReference(store, `${name}#trusted`)).rejects.toMatchObject({ code: 'bad-input' })
  })

  test('a split taken as trusted stands for the marks', async () => {
    const { store, trust, name, id } = await sample()
    trust.setReference(id, `${name}#checked`)
    const selection = await resolveReference(store, `${name}#trusted`)
    closing.unshift(() => selection.close())
    expect(selection.count).toBe(200)
    expect(await freezeTrusted(store, `${name}#trusted`)).toBe(`${name}#checked`)
  })

  test('refuses rows and classes that are not there', async () => {
    const { store, id } = await sample()
    expect(() => checkMarks(store.get(id), [{ row: 1, label: 10 }])).toThrow(/no example 1 or no class 10/)
    expect(() => checkMarks(store.get(id), [{ row: 1797, label: 1 }])).toThrow(/no example 1797/)
  })

  test('a dataset thrown away comes back with its marks', async () => {
    const { store, trust, id } = await sample()
    mark(trust, id, [{ row: 1, label: 2 }])
    const { undo } = store.discard(id)
    expect(store.list()).toEqual([])
    expect(readTrust(store, store.restore(undo)).marks).toMatchObject([{ row: 1, label: 2 }])
    expect(() => store.restore('../x')).toThrow(expect.objectContaining({ code: 'not-found' }))
  })

  describe('that an earlier version kept in a file', () => {
    async function kept(text: string): Promise<{ again: DatasetStore; trust: TrustStore; id: string }> {
      const { store, trust, id } = await sample()
      mkdirSync(path.join(store.folderOf(id), 'trusted'), { recursive: true })
      writeFileSync(path.join(store.folderOf(id), 'trusted', 'marks.json'), text)
      return { again: new DatasetStore(store.root, trust), trust, id }
    }
    const marks = [
      { row: 3, label: 4 },
      { row: 12, label: 0 }
    ]

    test('are taken over once, and the file stays beside', async () => {
      const { again, trust, id } = await kept(JSON.stringify({ marks, reference: null }))
      expect(trust.marksOf(id)).toMatchObject(marks)
      trust.log.undo(id)
      expect(new DatasetStore(again.root, trust).decisions.marksOf(id)).toEqual([])
      expect(readdirSync(path.join(again.folderOf(id), 'trusted'))).toEqual(['marks.adopted.json'])
      expect(damagedMarks(again.folderOf(id))).toBeNull()
    })

    test('with the reference that stood for them', async () => {
      const { trust, id } = await kept(JSON.stringify({ marks: [], reference: 'digits#checked' }))
      expect(trust.referenceOf(id)).toBe('digits#checked')
    })

    test.each([
      ['cut in the middle', JSON.stringify({ marks, reference: null }).slice(0, -25), 1],
      [
        'written by two at a time',
        `${JSON.stringify({ marks, reference: null })}{"row":12,"label":0}],"reference":null}`,
        2
      ],
      [
        'with a class that is not there',
        JSON.stringify({ marks: [...marks, { row: 1, label: 99 }], reference: null }),
        2
      ],
      ['empty', '', 0]
    ])('%s: every mark that can be read is taken, and the rest is told', async (_how, text, count) => {
      const { again, trust, id } = await kept(text)
      expect(trust.marksOf(id)).toMatchObject(marks.slice(0, count))
      expect(trust.marksOf(id)).toHaveLength(count)
      expect(damagedMarks(again.folderOf(id))).toContain('marks.damaged.json')
      expect(again.list()).toHaveLength(1)
    })
  })

  test('advice names the class that lacks most', () => {
    expect(adviseOnTrust([0, 0], ['cat', 'dog']).level).toBe('none')
    expect(adviseOnTrust([3, 0], ['cat', 'dog']).sentence).toMatch(/^Enough for a first look.*missing: dog/)
    expect(adviseOnTrust([3, 0, 9], ['cat', 'dog', 'cow']).sentence).toMatch(/^Enough to run\. .* of dog/)
    expect(adviseOnTrust([30, 12], ['cat', 'dog']).level).toBe('fair')
    expect(adviseOnTrust([30, 45], ['cat', 'dog']).level).toBe('good')
  })
})
