import { expect, test } from 'vitest'
import { tellingWords } from '@main/api/telling-words'
import { select, temporaryStore } from '@support/datasets'
import { csv } from '@support/role-tables'

/** Ten texts of each class: cards hold "card", refunds "refund", half of both "please"; the last text is labelled wrong. */
const TEXTS = [
  ...Array.from({ length: 10 }, (_, i) => [`Where is my card ${i % 2 ? 'please' : ''}`, 'card']),
  ...Array.from({ length: 10 }, (_, i) => [`Where is my refund ${i % 2 ? 'please' : ''}`, 'refund']),
  ['My refund please, Zoe', 'card']
]

test('the words of a text that set two classes apart come first, its own text not counted', async () => {
  const examples = await select(temporaryStore(), csv(TEXTS, ['text', 'label']), { column: ['text=text'] })
  const [card, refund] = [examples.classNames.indexOf('card'), examples.classNames.indexOf('refund')]
  const row = TEXTS.length - 1
  expect(await tellingWords(examples, row, { given: card, suggested: refund })).toEqual([
    { word: 'refund', given: 0, suggested: 1 }
  ])
  // Of a card's text: what the wrong one holds is counted among the cards.
  expect(await tellingWords(examples, 0, { given: card, suggested: refund })).toEqual([
    { word: 'card', given: 0.9, suggested: 0 }
  ])
  expect(await tellingWords(examples, row, { given: card, suggested: card })).toEqual([])
})

test('a table without texts has none', async () => {
  const rows = Array.from({ length: 12 }, (_, i) => [String(i % 5), i % 2 ? 'a' : 'b'])
  const examples = await select(temporaryStore(), csv(rows, ['size', 'label']))
  expect(await tellingWords(examples, 0, { given: 0, suggested: 1 })).toEqual([])
})
