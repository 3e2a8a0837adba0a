import { describe, expect, it } from 'vitest'
import { fieldsOf, matches, parseWhere, valuesOf } from '@shared/domain/where'
import type { WhereFacts } from '@shared/domain/where'

const facts: WhereFacts = (field) =>
  ({
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
    problem: ['any', 'dark']
  })[field]
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
    expect(matches(parseWhere('class = "a \\"b\\" c"'), () => 'a "b" c')).toBe(true)
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
  })
})
