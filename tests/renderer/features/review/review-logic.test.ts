// @vitest-environment happy-dom
import { describe, expect, test } from 'vitest'
import { calibrate, cutOf, gainTable } from '@renderer/features/review/expected-gain'
import { orderBy, pairCounts, progressOf, rowsToShow, withVouched } from '@renderer/features/review/ranking'
import type { Decisions } from '@renderer/features/review/ranking'
import { actionOf, isTakenBy } from '@renderer/ui/decision-keys'
import type { KeyPress } from '@renderer/ui/decision-keys'
import type { IssueTable } from '@shared/domain/review'

/** Six examples of two classes; rows 1, 3 and 4 are flagged, 1 and 3 truly wrong. */
const table: IssueTable = {
  run: 'r',
  classNames: ['cat', 'dog'],
  given: [0, 0, 1, 1, 0, 1],
  predicted: [0, 1, 1, 0, 1, 1],
  truth: [0, 1, 1, 0, 0, 1],
  flagged: [false, true, false, true, true, false],
  weight: [0.9, 0.1, 0.8, 0.4, 0.2, 0.95],
  combined: [0.9, 0.1, 0.8, 0.2, 0.4, 0.95],
  bilevel: [0.9, 0.1, 0.8, 0.1, 0.4, 0.95],
  trusted: [0.9, 0.1, 0.8, 0.1, 0.9, 0.95],
  crossValidated: null,
  files: null,
  threshold: 0.5,
  isProbability: false,
  shape: [2, 2, 1]
}

const withKeys = (keys: readonly string[]) => keys.map((key, label) => ({ key, label }))
const DIGITS = withKeys([...'0123456789'])
const none: Decisions = new Map()
const decided = (...entries: Parameters<Map<number, never>['set']>[0][]): Decisions =>
  new Map(entries.map((row) => [row, { row, action: 'drop' as const, by: 'anna', at: '' }]))

describe('ranking', () => {
  test('the most suspicious come first, by the evidence asked for', () => {
    expect([...orderBy(table, 'combined')]).toEqual([1, 3, 4, 2, 0, 5])
    expect([...orderBy(table, 'weight')]).toEqual([1, 4, 3, 2, 0, 5])
    expect(orderBy(table, 'disagreement')[0]).toBe(4)
    expect([...orderBy(table, 'crossValidated')]).toEqual([...orderBy(table, 'combined')])
  })

  test('filters by state and class pair', () => {
    const order = orderBy(table, 'combined')
    const rows = (
      ...more: [Parameters<typeof rowsToShow>[2], Parameters<typeof rowsToShow>[3], Decisions]
    ) => [...rowsToShow(table, order, ...more)]
    expect(rows('flagged', null, none)).toEqual([1, 3, 4])
    expect(rows('undecided', null, decided(3))).toEqual([1, 4])
    expect(rows('decided', null, decided(3, 5))).toEqual([3, 5])
    expect(rows('all', { given: 0, suggested: 1 }, none)).toEqual([1, 4])
    expect(pairCounts(table)).toEqual([
      [0, 2],
      [1, 0]
    ])
    expect(progressOf(table, decided(3, 5))).toEqual({ flagged: 3, decided: 1 })
    const vouched = table.flagged.flatMap((is, row) =>
      is ? [{ row, action: 'keep' as const, by: 'anna', at: '2026-02-01' }] : []
    )
    const all = withVouched(decided(3, 5), vouched)
    expect(progressOf(table, all)).toEqual({ flagged: 3, decided: 3 })
  })
})

describe('expected gain', () => {
  test("without judged examples the run's cut is where right and wrong are even", () => {
    expect(cutOf(table)).toBe(0.5)
    const gain = gainTable(table, orderBy(table, 'combined'), none)
    expect([...gain.candidates]).toEqual([1, 3, 4])
    const { taken, wrongTaken, left, wrongLeft } = gain.at(2)
    expect({ taken, left }).toEqual({ taken: 2, left: 4 })
    const wrong = (score: number): number => 1 / (1 + (score / (1 - score)) ** 2.7)
    expect(wrongTaken).toBeCloseTo(wrong(0.1) + wrong(0.2), 6)
    expect(wrongLeft).toBeCloseTo(wrong(0.9) + wrong(0.8) + wrong(0.4) + wrong(0.95), 6)
    expect(gain.known(2)).toEqual({ taken: 2, wrongTaken: 2, left: 4, wrongLeft: 0 })
    expect(gain.at(99).taken).toBe(3)
    expect(gain.at(0)).toMatchObject({ taken: 0, wrongTaken: 0, left: 6 })
  })

  test('where a learned weight flags, the cut is half the share of suspects', () => {
    expect(cutOf({ ...table, threshold: 0.15 })).toBe(0.25)
  })

  test('decided examples are candidates no more, and dropped ones are gone', () => {
    const gain = gainTable(table, orderBy(table, 'combined'), decided(1))
    expect([...gain.candidates]).toEqual([3, 4])
    expect(gain.at(0).left).toBe(5)
    expect(gain.known(0)!.wrongLeft).toBe(1)
  })

  test('what somebody vouches for is no candidate and counts as right', () => {
    const order = orderBy(table, 'combined')
    const gain = gainTable(table, order, none, { vouched: new Set([1]) })
    expect([...gain.candidates]).toEqual([3, 4])
    const { wrongTaken, wrongLeft } = gain.at(0)
    expect(wrongTaken).toBe(0)
    expect(wrongLeft).toBeLessThan(gainTable(table, order, none).at(0).wrongLeft - 0.9)
  })

  test('of very many sure labels none is expected to be wrong', () => {
    expect(60_000 * (1 - calibrate([], 0.5, true)(1))).toBeLessThan(0.1)
  })

  test('judged examples correct scores that are too sure', () => {
    // Truth: the chance of being right is what sigmoid(logit(score) / 2) gives.
    const scores = Array.from({ length: 400 }, (_, i) => (i + 0.5) / 400)
    const real = (score: number): number => 1 / (1 + Math.sqrt((1 - score) / score))
    let seed = 1
    const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647
    const judged = scores.map((score) => ({ score, right: random() < real(score) }))
    const calibrated = calibrate(judged, 0.5)
    const error = (f: (score: number) => number): number =>
      scores.reduce((sum, score) => sum + Math.abs(f(score) - real(score)), 0) / scores.length
    expect(error(calibrated)).toBeLessThan(0.06)
    expect(error(calibrated)).toBeLessThan(0.5 * error(calibrate([], 0.5)))
    expect(calibrate([], 0.3)(0.3)).toBeCloseTo(0.5, 6)
    // A probability is one until people say otherwise.
    expect(calibrate([], 0.3, true)(0.3)).toBeCloseTo(0.3, 6)
  })

  test('all judged right: no division by zero, and all are believed more', () => {
    const calibrated = calibrate(
      Array.from({ length: 50 }, () => ({ score: 0, right: true })),
      0.5
    )
    expect(calibrated(0)).toBeGreaterThan(0.2)
    expect(calibrated(0.5)).toBeGreaterThan(calibrated(0))
    expect(Number.isFinite(calibrated(1))).toBe(true)
  })
})

describe('keys', () => {
  const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    ...more
  })

  test('decide, move, undo', () => {
    expect(actionOf(press('k'), DIGITS)).toEqual({ type: 'keep' })
    expect(actionOf(press('Enter'), DIGITS)).toEqual({ type: 'accept' })
    expect(actionOf(press('7'), DIGITS)).toEqual({ type: 'relabel', label: 7 })
    expect(actionOf(press('7'), withKeys(['1', '2', '3']))).toBeUndefined()
    expect(actionOf(press('3'), withKeys(['1', '2', '3']))).toEqual({ type: 'relabel', label: 2 })
    expect(actionOf(press('z', { ctrlKey: true }), DIGITS)).toEqual({ type: 'undo' })
    expect(actionOf(press('Z', { ctrlKey: true, shiftKey: true }), DIGITS)).toEqual({ type: 'redo' })
    expect(actionOf(press('d', { ctrlKey: true }), DIGITS)).toBeUndefined()
    expect(actionOf(press('d', { altKey: true }), DIGITS)).toBeUndefined()
    // As on the page of trusted examples.
    expect(actionOf(press('u'), DIGITS)).toEqual({ type: 'undo' })
    expect(actionOf(press('x'), DIGITS)).toEqual({ type: 'clear' })
  })

  test('elements keep the keys they need', () => {
    document.body.innerHTML =
      '<input id="text"><button id="button">x</button><div role="dialog"><p id="inside" tabindex="0"></p></div><div id="list" tabindex="0"></div>'
    const on = (id: string, key: string): boolean => isTakenBy(document.getElementById(id), press(key))
    expect(on('text', 'k')).toBe(true)
    expect(on('button', 'Enter')).toBe(true)
    expect(on('button', 'k')).toBe(false)
    expect(on('inside', 'd')).toBe(true)
    expect(on('list', 'ArrowDown')).toBe(false)
  })
})
