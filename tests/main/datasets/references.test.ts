import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { alignClasses } from '@main/datasets'
import { ReferenceCache } from '@main/datasets/reference-cache'
import { temporaryFolder } from '@support/command'
import { allRows, failureOf, FIXTURES, pixelsOf, select, temporaryStore } from '@support/datasets'

const fixture = (name: string): string => path.join(FIXTURES, name)

describe('references', () => {
  it('select splits, ranges and joints in the source’s own order', async () => {
    const store = temporaryStore()
    const source = fixture('idx-plain')
    const everything = await select(store, source)
    const rows = async (reference: string): Promise<number[]> => {
      const selection = await select(store, reference)
      return allRows(selection).map((row) => {
        const bytes = Buffer.from(selection.readRaw([row]))
        return (
          allRows(everything).find((other) => Buffer.from(everything.readRaw([other])).equals(bytes)) ?? -1
        )
      })
    }
    expect(await rows(`${source}#test`)).toEqual([20, 21, 22, 23, 24, 25, 26, 27])
    expect(await rows(`${source}#test[2:4]`)).toEqual([22, 23])
    expect(await rows(`${source}#train[18:]`)).toEqual([18, 19])
    expect(await rows(`${source}[18:22]`)).toEqual([18, 19, 20, 21])
    expect(await rows(`${source}#test[:1]+${source}#train[3:5]`)).toEqual([20, 3, 4])
  })

  it('read rows in any order, scaled, across joints', async () => {
    const store = temporaryStore()
    const selection = await select(store, `${fixture('idx-plain')}#test+${fixture('idx-plain')}#train`)
    const order = [27, 0, 1, 2, 8, 9, 7, 8, 3]
    const joined = selection.readRows(order)
    order.forEach((row, i) => {
      const raw = selection.readRaw([row])
      expect(joined.subarray(30 * i, 30 * i + 30)).toEqual(
        Float32Array.from(raw, (value) => Math.fround(value / 255))
      )
    })
    expect(selection.splitOf(0)).toBe('test')
    expect(selection.splitOf(8)).toBe('train')
    expect(() => selection.readRows([28])).toThrow(RangeError)
    selection.close()
    expect(() => selection.readRows([0])).toThrow(/closed/)
  })

  it('give the same rows when they are held in memory after many scattered reads', async () => {
    const store = temporaryStore()
    const selection = await select(store, 'sample-digits#train[100:900]')
    const before = selection.readRows(allRows(selection))
    for (let i = 0; i < 2100; i++) selection.readRaw([(i * 37) % 800])
    expect(selection.readRows(allRows(selection))).toEqual(before)
    expect(selection.readRows([799, 3])).toEqual(
      Float32Array.from([...before.slice(799 * 64), ...before.slice(3 * 64, 4 * 64)])
    )
    selection.close()
    expect(() => selection.readRows([0])).toThrow(/closed/)
  })

  it('name datasets of the store, samples and paths', async () => {
    const store = temporaryStore()
    const meta = await store.importFrom(fixture('pets.zip'), { name: 'my pets' })
    expect((await select(store, 'my pets#test')).count).toBe(4)
    expect((await select(store, `${meta.id}#train`)).count).toBe(6)
    expect(existsSync(path.join(store.root, '../cache'))).toBe(false)
    const digits = await select(store, 'sample-digits#train')
    expect([digits.count, digits.shape, digits.classNames.length]).toEqual([1397, [8, 8, 1], 10])
    expect((await select(store, 'sample-digits#test')).count).toBe(400)
    expect((await store.importFrom('sample-digits')).name).toBe('sample-digits')
  })

  it('import a path once, and again when it or the options change', async () => {
    const store = temporaryStore()
    const folder = temporaryFolder()
    const file = path.join(folder, 't.csv')
    writeFileSync(file, 'a,b,label\n1,2,x\n3,4,y\n')
    const cache = path.join(store.root, '../cache')
    const first = await select(store, file)
    await select(store, `${file}[0:1]`)
    expect(readdirSync(cache)).toHaveLength(1)
    writeFileSync(file, 'a,b,label\n1,2,x\n3,5,y\n')
    utimesSync(file, new Date(), new Date(Date.now() + 5000))
    const second = await select(store, file)
    expect(readdirSync(cache)).toHaveLength(2)
    expect(pixelsOf(second)).not.toBe(pixelsOf(first))
    await select(store, file, { labelColumn: 'b' })
    await select(store, fixture('pets.zip'), { imageSize: 5 })
    await select(store, fixture('pets.zip'))
    expect(readdirSync(cache)).toHaveLength(5)
    expect(store.list()).toEqual([])
  })

  it('forget imports of paths that nobody uses', async () => {
    const store = temporaryStore()
    await select(store, fixture('pets.zip'))
    await select(store, fixture('idx-plain'))
    const root = path.join(store.root, '../cache')
    const [old = '', fresh = ''] = readdirSync(root)
    const days = (count: number): Date => new Date(Date.now() - count * 24 * 3600 * 1000)
    utimesSync(path.join(root, old, 'meta.json'), days(31), days(31))
    new ReferenceCache(root).sweep(fresh)
    expect(readdirSync(root)).toEqual([fresh])
    await select(store, fixture('cifar-10'))
    const other = readdirSync(root).find((name) => name !== fresh) ?? ''
    utimesSync(path.join(root, other, 'meta.json'), days(1), days(1))
    new ReferenceCache(root).sweep(fresh, 1)
    expect(readdirSync(root)).toEqual([fresh])
  })

  it('bring classes of slices into one order, or say which two disagree', async () => {
    const store = temporaryStore()
    const folder = temporaryFolder()
    const csv = (name: string, labels: string[]): string => {
      const file = path.join(folder, name)
      writeFileSync(file, `a,label\n${labels.map((label, i) => `${i},${label}`).join('\n')}\n`)
      return file
    }
    const full = await select(store, csv('full.csv', ['cat', 'dog', 'owl']))
    const slice = await select(store, csv('slice.csv', ['owl', 'cat', 'owl']))
    expect(Array.from(slice.labels)).toEqual([1, 0, 1])
    const [, aligned] = alignClasses([full, slice])
    expect(Array.from(aligned?.labels ?? [])).toEqual([2, 0, 2])
    expect(aligned?.readRows([2])).toEqual(Float32Array.from([2]))
    const joined = await select(
      store,
      `${csv('slice.csv', ['owl', 'cat', 'owl'])}+${csv('full.csv', ['cat', 'dog', 'owl'])}`
    )
    expect(Array.from(joined.labels)).toEqual([2, 0, 2, 0, 1, 2])
    const other = await select(store, csv('strange.csv', ['emu', 'cat']))
    const failure = await failureOf(() => alignClasses([full, other]))
    expect(failure.message).toMatch(/strange\.csv and .*full\.csv have different classes: "emu"/)
  })
})
