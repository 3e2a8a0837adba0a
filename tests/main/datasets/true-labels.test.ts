import { describe, expect, it } from 'vitest'
import { readTrueLabels, refuseNumberedFromOne } from '@main/datasets/true-labels'
import { failureOf } from '@support/datasets'
import { table } from '@support/read-source'

describe('true labels in a file of their own', () => {
  const classes = ['1', '2', '3']
  it.each([
    ['numbers as names', '1\n2\n3\n', classes, [0, 1, 2]],
    ['numbers with a point', 'true_label\n3.0\n1.0\n2.0\n', classes, [2, 0, 1]],
    ['places of names', '0\n2\n1\n', ['a', 'b', 'c'], [0, 2, 1]],
    ['a class called as a column', 'y\nn\ny\n', ['n', 'y'], [1, 0, 1]],
    ['exact names', '007\n7\n7\n', ['007', '7'], [0, 1, 1]]
  ])('%s', async (_, text, classNames, truth) => {
    expect([...(await readTrueLabels(table(text), classNames))]).toEqual(truth)
  })

  it.each([
    [
      'a number that is no name',
      '0\n1\n2\n',
      classes,
      /t\.csv, line 1: the true label is "0", which is no class/
    ],
    [
      'numbers from 1 for names',
      '1\n2\n3\n',
      ['a', 'b', 'c'],
      /line 3: the true label is 3, but there are 3 classes/
    ],
    ['another class', 'true_label\n"1"\n"4"\n', classes, /line 3: the true label is "4"/]
  ])('refused: %s', async (_, text, classNames, sentence) => {
    expect((await failureOf(() => readTrueLabels(table(text), classNames))).message).toMatch(sentence)
  })

  it('numbers from 1 without the last class are known by the labels that are given', () => {
    const given = Int32Array.of(0, 0, 1, 1, 2)
    const check = (...truth: number[]): void => refuseNumberedFromOne('t.csv', Int32Array.from(truth), given)
    expect(() => check(1, 1, 2, 2, 2)).toThrow(/numbered from 1: read from 0, 1 of 5 agree .* one lower 4/)
    // A class that nobody gave rightly, and one that the part lacks, are no reason.
    expect(() => check(1, 2, 1, 1, 2)).not.toThrow()
    expect(() => check(0, 0, 1, 1, 2)).not.toThrow()
  })
})
