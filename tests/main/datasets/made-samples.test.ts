import { expect, onTestFinished, test } from 'vitest'
import { importSampleOf } from '@main/datasets'
import { temporaryStore } from '@support/datasets'

test.each([
  ['table', 'customers-with-wrong-labels', ['complains', 'leaves', 'renews'], 'region'],
  ['texts', 'messages-with-wrong-labels', ['billing', 'delivery', 'password'], 'message']
] as const)(
  'the sample of %s is made on the spot: checked, wrong and test labels',
  async (kind, name, classes, column) => {
    const store = temporaryStore()
    const meta = await importSampleOf(store, kind, 0.3)
    expect(meta).toMatchObject({ name, count: 1500, classNames: classes, hasTruth: true })
    expect(meta.splits).toEqual([
      { name: 'checked', from: 0, to: 200 },
      { name: 'train', from: 200, to: 1200 },
      { name: 'test', from: 1200, to: 1500 }
    ])
    const selection = store.open(meta.id)
    onTestFinished(() => selection.close())
    const wrong = Array.from(selection.labels.keys()).filter(
      (row) => selection.labels[row] !== selection.truth![row]
    )
    expect(wrong.length).toBe(300)
    expect(wrong.every((row) => row >= 200 && row < 1200)).toBe(true)
    const cells = selection.cellsOf(7)!
    expect(cells.find((cell) => cell.column.name === column)!.text).not.toBe('')
    // Made again it is the same under a name of its own.
    const again = await importSampleOf(store, kind, 0.3)
    expect(again.name).toBe(`${name}-2`)
    const other = store.open(again.id)
    onTestFinished(() => other.close())
    expect(other.cellsOf(7)).toEqual(cells)
  }
)
