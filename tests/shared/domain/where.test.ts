import { describe, expect, it } from 'vitest'
import { columnsOf, fieldsOf, matches, parseWhere, valuesOf } from '@shared/domain/where'
import type { WhereFacts } from '@shared/domain/where'

const known = {
  row: 7,
  class: 'Grey cat',
  true: null,
  split: 'train',
  file: 'cats/A 1.PNG',
  text: ['one', 'Two words'],
  score: 0.25,
  suggested: 'dog',
  flagged: ['yes', 'first'],
  decision: ['none'],
  reviewed: ['no', 'first'],
  by: ['Ada'],
  assigned: ['Ada', 'Ben "B" Ü'],
  tag: ['Odd', 'to ask'],
  note: 'Blurred at the left',
  problem: ['any', 'dark']
} as const
const cells: Readonly<Record<string, string>> = {
  age: '39',
  'hours per week': '40',
  day: '2026-03-01',
  job: 'Clerk',
  pay: ''
}
const facts: WhereFacts = { of: (field) => known[field], cell: (column) => cells[column] ?? null }
const asked = (text: string): boolean => matches(parseWhere(text), facts)

describe('a question about examples', () => {
  it.each([
    ['class = "grey cat"', true],
    ['class = grey', false],
    ['class ~ CAT', true],
    ['score < 0.3', true],
    ['score >= 0.25 and score <= 0.25', true],
    ['score > 0.25', false],
    ['row != 7', false],
    ['text ~ "two w"', true],
    ['text = two', false],
    ['file ~ .png', true],
    ['problem = dark and problem = any', true],
    ['not problem = dark', false],
    ['problem != blurry', true],
    ['flagged = first and not flagged = second', true],
    ['tag = odd', true],
    ['tag = to', false],
    ['tag ~ ask and by = ada', true],
    ['assigned = ada and not assigned = cleo', true],
    ['assigned = "ben \\"b\\" ü"', true],
    ['note ~ blurred', true],
    ['not note ~ blurred', false],
    // Columns of a table: numbers as numbers, else as texts.
    ['"age" > 5', true],
    ['"hours per week" = 40.0', true],
    ['"age" < 100 and "age" >= 39', true],
    ['"day" < 2026-10-01', true],
    ['"day" > 2026-03-01', false],
    ['"job" = clerk', true],
    ['"job" > 5', false],
    ['"job" != 5', true],
    ['"pay" = ""', true],
    ['"age" ~ 3', true],
    // What is not known equals nothing.
    ['true = cat', false],
    ['true != cat', true],
    // and binds before or.
    ['class = dog and score > 0 or split = train', true],
    ['class = dog and (score > 0 or split = train)', false],
    ['not (class = dog or class = bird)', true],
    ['CLASS = "Grey cat" AND Split = TRAIN', true]
  ])('%s: %s', (text, expected) => {
    expect(asked(text)).toBe(expected)
  })

  it('takes quotes within quotes', () => {
    expect(matches(parseWhere('class = "a \\"b\\" c"'), { of: () => 'a "b" c', cell: () => null })).toBe(true)
  })

  it.each([
    ['', 'it ends where a field is expected'],
    ['colour = red', '"colour" is no field'],
    ['constructor = red', '"constructor" is no field'],
    ['class cat', 'after "class" a comparison is expected'],
    ['class =', 'after "class =" a value is expected'],
    ['score < low', '"low" is no number'],
    ['class < b', '"class" is no number'],
    ['(class = a', 'a bracket is not closed'],
    ['class = a b', '"b" comes after its end'],
    ['class = "a', 'cannot be read'],
    [`${'('.repeat(100)}class = a${')'.repeat(100)}`, 'too deep'],
    [`${'not '.repeat(100)}class = a`, 'too deep']
  ])('refuses %s', (text, why) => {
    expect(() => parseWhere(text)).toThrow(why)
  })

  it('says what it needs', () => {
    const where = parseWhere('class = a and not (flagged = x or flagged = y)')
    expect([...fieldsOf(where)].sort()).toEqual(['class', 'flagged'])
    expect(valuesOf(where, 'flagged')).toEqual(['x', 'y'])
    expect([...columnsOf(parseWhere('"a b" = 1 or not "c" > 2 or class = d'))]).toEqual(['a b', 'c'])
  })
})
