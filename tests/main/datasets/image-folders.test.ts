import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportDataset, inspectSource } from '@main/datasets'
import { temporaryFolder } from '@support/command'
import { FIXTURES, select, temporaryStore } from '@support/datasets'

const fixture = (name: string): string => path.join(FIXTURES, name)

describe('image folders', () => {
  const picture = (): Buffer => readFileSync(fixture('pillow/rgb.png'))
  const grey = (): Buffer => readFileSync(fixture('pillow/grey.png'))
  const tree = (files: Record<string, Buffer | string>): string => {
    const root = path.join(temporaryFolder(), 'set')
    for (const [name, bytes] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
      writeFileSync(path.join(root, name), bytes)
    }
    return root
  }

  it('stay grey when all are, become colour when one is', async () => {
    const store = temporaryStore()
    const greys = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`a/${String(i).padStart(3, '0')}.png`, grey()])
    )
    const all = await select(store, tree(greys))
    expect(all.shape).toEqual([6, 5, 1])
    const late = await select(store, tree({ ...greys, 'b/last.png': picture() }))
    expect(late.shape).toEqual([6, 5, 3])
    const [one, wide] = [all.readRaw([299]), late.readRaw([299])]
    expect(Array.from(wide)).toEqual(Array.from(one).flatMap((value) => [value, value, value]))
  })

  it('take labels and truth from metadata, CSV or JSON lines', async () => {
    const store = temporaryStore()
    const csv = await select(
      store,
      tree({
        'train/1.png': picture(),
        'train/2.png': picture(),
        'test/1.png': picture(),
        'train/metadata.csv': 'file_name,label,true_label\n2.png,"a, b",c\n1.png,c,c\n',
        'test/metadata.jsonl': '{"file_name":"1.png","label":"c","true_label":"a, b"}\n'
      })
    )
    expect(csv.classNames).toEqual(['a, b', 'c'])
    expect(Array.from(csv.labels)).toEqual([1, 0, 1])
    expect(Array.from(csv.truth ?? [])).toEqual([1, 1, 0])
    expect(csv.metas[0]?.splits.map(({ name }) => name)).toEqual(['train', 'test'])
  })

  it('know a class called train, nested classes, and the folder around everything', async () => {
    const store = temporaryStore()
    const vehicles = await select(store, tree({ 'train/1.png': picture(), 'plane/1.png': picture() }))
    expect([vehicles.classNames, vehicles.metas[0]?.splits]).toEqual([['plane', 'train'], []])
    const nested = await select(
      store,
      tree({
        'around/Greek/alpha/1.png': grey(),
        'around/Greek/beta/1.png': grey(),
        'around/Latin/a/1.png': grey()
      })
    )
    expect(nested.classNames).toEqual(['Greek/alpha', 'Greek/beta', 'Latin/a'])
    expect(nested.metas[0]?.splits).toEqual([
      { name: 'Greek', from: 0, to: 2 },
      { name: 'Latin', from: 2, to: 3 }
    ])
    const out = path.join(temporaryFolder(), 'copy')
    await exportDataset(await select(store, `${nested.reference}#Greek`), { format: 'images', out })
    const copy = await select(store, `${out}#Greek`)
    expect(copy.classNames).toEqual(['Greek/alpha', 'Greek/beta'])
  })

  it('leave other files out, and say so', async () => {
    const root = tree({
      'a/1.png': picture(),
      'a/notes.doc': 'x',
      '.DS_Store': 'x',
      'b/2.png': grey(),
      'README.md': ''
    })
    const inspection = await inspectSource(root)
    expect(inspection.count).toBe(2)
    expect(inspection.classNames).toEqual(['a', 'b'])
    expect(inspection.warnings).toEqual(['1 file that is no image is left out: a/notes.doc.'])
  })
})
