import { describe, expect, it } from 'vitest'
import { inspectSource } from '@main/datasets'
import type { ExampleSelection } from '@main/datasets'
import { termsOf } from '@main/datasets/table/text-terms'
import { wordsOf } from '@main/datasets/table/text-words'
import { WordCounts } from '@main/datasets/table/word-counts'
import { allRows, select, temporaryStore } from '@support/datasets'
import { csv } from '@support/role-tables'

const NOTES = [
  'My card has not arrived yet',
  'The card was lost on Monday',
  'Where is my new card?',
  'The refund has not arrived',
  'A refund of $20 is missing',
  'Where is my refund?'
]

function notes(texts: readonly string[] = NOTES): string {
  return csv(
    texts.map((text, i) => [text, i < texts.length / 2 ? 'card' : 'refund']),
    ['text', 'label']
  )
}

/** By feature, of a row; what is 0 left out. */
function featuresOf(selection: ExampleSelection, row: number): Record<string, number> {
  const values = selection.readRows([row])
  return Object.fromEntries(
    selection.columns!.map((name, i) => [name, values[i]!] as const).filter(([, value]) => value !== 0)
  )
}

describe('words of a text', () => {
  it.each([
    ['Don’t SHOUT, don’t!', ['don’t', 'shout', '!']],
    ['It was $20.50 (50 %) 👍', ['it', 'was', '$', '20.50', '50', '%', '👍']],
    ['Cafe\u0301 = CAFÉ', ['café']],
    ['我的银行卡', ['我的', '银行', '卡']],
    [`see ${'x'.repeat(41)}`, ['see']],
    ['', []]
  ])('%s', (text, words) => {
    expect([...wordsOf(text)]).toEqual(words)
  })

  it('are counted once a text, and the rare ones go where there are too many', () => {
    const counts = new WordCounts(100)
    for (let i = 0; i < 1000; i++) counts.add(`often often ${i % 2 ? 'half' : ''} once${i}`)
    expect(counts.frequent(2)).toEqual(['often', 'half'])
    const few = new WordCounts(100)
    for (const text of ['b a', 'a b', 'c']) few.add(text)
    expect(few.frequent(9)).toEqual(['a', 'b'])
  })
})

describe('terms of a text', () => {
  const of = (texts: readonly string[], kind: 'words' | 'pieces'): number[][] => {
    const { starts, ids } = termsOf(texts, kind)
    return texts.map((_, i) => Array.from(ids.subarray(starts[i], starts[i + 1])))
  }

  it('are its words, the same numbers in every text', () => {
    const [first = [], second = [], none] = of(['a lost card', 'Card LOST, card!', ''], 'words')
    expect(new Set(first).size).toBe(3)
    expect(second).toHaveLength(3)
    expect(first.filter((id) => second.includes(id))).toHaveLength(2)
    expect(none).toEqual([])
  })

  it('are pieces of three to five letters, the ends of a word among them', () => {
    // " ab " has " ab", "ab " and itself.
    const [ab = []] = of(['ab ab'], 'pieces')
    expect(ab).toHaveLength(3)
    const [, lost = [], loses = []] = of(['', 'lost', 'loses'], 'pieces')
    // " lo", "los", " los".
    expect(lost.filter((id) => loses.includes(id))).toHaveLength(3)
    // A sign is one letter, however it is stored.
    expect(of(['👍'], 'pieces')[0]).toHaveLength(1)
  })

  it('are read of examples whose features are made of them, and of no others', async () => {
    const store = temporaryStore()
    const selection = await select(store, notes())
    const { starts, ids } = selection.readTerms!([5, 0], 'words')
    expect(Array.from(starts)).toEqual([0, 5, 11])
    expect(ids).toEqual(termsOf([NOTES[5]!, NOTES[0]!], 'words').ids)
    const numbers = csv(
      NOTES.map((_, i) => [String(i * i), i % 2 ? 'a' : 'b']),
      ['size', 'label']
    )
    expect((await select(store, numbers)).readTerms).toBeUndefined()
    const features = csv(
      Array.from(selection.labels, (label, row) => [
        ...Array.from(selection.readRows([row]), String),
        selection.classNames[label]!
      ]),
      [...selection.columns!, 'label'],
      'features.csv'
    )
    expect((await select(store, features)).encodedAs(selection).readTerms).toBeUndefined()
  })
})

describe('a column of texts', () => {
  it('is a feature a word that several texts hold, a row of length 1', async () => {
    const selection = await select(temporaryStore(), notes())
    expect(featuresOf(selection, 1)).toEqual({
      'text has card': expect.closeTo(Math.SQRT1_2) as number,
      'text has the': expect.closeTo(Math.SQRT1_2) as number
    })
    for (let row = 0; row < selection.count; row++) {
      const norm = Object.values(featuresOf(selection, row)).reduce((sum, value) => sum + value ** 2, 0)
      expect(norm).toBeCloseTo(1, 6)
    }
    expect(selection.alike).toEqual([[0, selection.shape[0]]])
    expect(selection.metas[0]!.warnings!.join()).toMatch(/Of text \(\d+ words\) the most frequent words/)
  })

  it('is read as another table’s: its own words are none, and a text without known ones is all 0', async () => {
    const store = temporaryStore()
    const train = await select(store, notes())
    const other = await select(
      store,
      notes(['Zebra zebra grazes', 'Zebra stripes, card', 'My refund, zebra', ''])
    )
    const read = other.encodedAs(train)
    expect(read.shape).toEqual(train.shape)
    expect(featuresOf(read, 0)).toEqual({})
    expect(featuresOf(read, 1)).toEqual({ 'text has card': 1 })
    expect(featuresOf(read, 3)).toEqual({})
  })

  it('is read beside a table that holds the words themselves as columns, and the other way round', async () => {
    const store = temporaryStore()
    const texts = await select(store, notes())
    const changed = csv(
      Array.from(texts.labels, (label, row) => [
        ...Array.from(texts.readRows([row]), String),
        texts.classNames[label]!
      ]),
      [...texts.columns!, 'label'],
      'changed.csv'
    )
    const features = await select(store, changed)
    const values = (selection: ExampleSelection): Float32Array => selection.readRows(allRows(selection))
    expect(values((await select(store, changed)).encodedAs(texts))).toEqual(values(texts))
    expect(values((await select(store, notes())).encodedAs(features))).toEqual(values(features))
    expect(values(features)).toEqual(values(texts))
  })

  it('beside other columns leaves the table narrow; without words in common only its length is left', async () => {
    const random = Array.from(
      { length: 300 },
      (_, i) => `word${i} word${(i * 7) % 300} word${(i * 11) % 300}`
    )
    const beside = csv(
      random.map((text, i) => [text, String(i % 17), i % 2 ? 'a' : 'b']),
      ['text', 'size', 'label']
    )
    const { shape } = await inspectSource(beside)
    expect(shape).toEqual([256])
    const lonely = csv(
      Array.from({ length: 40 }, (_, i) => [
        `only${i} here${i} and${i} nowhere${i} else${i}`,
        i % 2 ? 'a' : 'b'
      ]),
      ['text', 'label']
    )
    const selection = await select(temporaryStore(), lonely)
    expect(selection.columns).toEqual(['length of text'])
    expect(selection.alike).toEqual([])
  })

  it('is found in scripts without spaces', async () => {
    const texts = Array.from({ length: 40 }, (_, i) => [
      `${['我的银行卡还没有到', '请问退款什么时候到'][i % 2]!}${'一二三四五六七八九十'[i % 10]!}${'甲乙丙丁'[(i >> 3) & 3]!}${i}`,
      i % 2 ? 'refund' : 'card'
    ])
    const { tableColumns = [] } = await inspectSource(csv(texts, ['text', 'label']))
    expect(tableColumns[0]).toMatchObject({ role: 'text' })
    expect(tableColumns[0]!.features).toBeGreaterThan(8)
  })
})
