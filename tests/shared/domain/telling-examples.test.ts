import { expect, test } from 'vitest'
import { tellingExamples } from '@shared/domain/telling-examples'

const table = {
  classNames: ['a', 'b', 'none'],
  given: [0, 0, 0, 1, 1, 0],
  combined: [0.5, 0.4, 0.9, 0.05, 0.8, 0.55]
}

test('each class that occurs is asked in turn, where its labels are as likely right as wrong', () => {
  expect(tellingExamples(table, 4)).toEqual([0, 4, 5, 3])
  expect(tellingExamples(table, 1)).toEqual([0])
})

test('what is decided is not asked for, and nothing twice', () => {
  expect(tellingExamples(table, 20, (row) => row === 0 || row === 4)).toEqual([5, 3, 1, 2])
  expect(tellingExamples({ ...table, given: [], combined: [] }, 20)).toEqual([])
})
