import { describe, expect, test } from 'vitest'
import { avoidedWord } from '../../scripts/eslint/names.mjs'

describe('names', () => {
  test.for([
    ['toldBefore', 'told'],
    ['isWhole', 'whole'],
    ['MOST_WHOLE', 'whole'],
    ['#addApart', 'apart'],
    ['write-whole', 'whole'],
    ['list whole-page', 'whole'],
    ['listenedTo', 'listened to'],
    ['masksOfBatch', 'of batch']
  ] as const)('%s holds "%s"', ([name, word]) => {
    expect(avoidedWord(name)?.word).toBe(word)
  })

  test.for(['returned', 'shallowRef', 'wholesale', 'batchMasks', 'apartment', 'batchOf'])(
    '%s is fine',
    (name) => {
      expect(avoidedWord(name)).toBeUndefined()
    }
  )
})
