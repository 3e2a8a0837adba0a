import { expect, test } from 'vitest'
import { chosenRuns, sideBySide } from '@renderer/features/datasets/side-by-side'
import { parseWhere } from '@shared/domain/where'
import type { RunRecord } from '@shared/domain/run'

const run = (id: string, name: string, dataset = 'd'): RunRecord =>
  ({
    id,
    name,
    state: 'done',
    createdAt: '2026-01-01T10:00:00.000Z',
    spec: { task: 'denoising', pins: [{ dataset }] }
  }) as unknown as RunRecord

test("runs on a dataset are asked for by name, and by id where the name is no one's alone", () => {
  const records = [run('r1', 'one'), run('r2', 'Same'), run('r3', 'same'), run('r4', 'yes')]
  expect(chosenRuns(records).map(({ asked }) => asked)).toEqual(['one', 'r2', 'r3', 'r4'])
  expect(chosenRuns(records)[1]!.label).toMatch(/^Same, Jan 1/)
})

test('both, only one, neither are counted, and asked for whatever their names hold', () => {
  const [first, second] = chosenRuns([run('r1', 'a "b" \\ c'), run('r2', 'two')])
  const sides = sideBySide('flagged', [first!, [0, 1, 2]], [second!, [2, 3]], 10)
  expect(sides.map(({ text, examples }) => [text, examples])).toEqual([
    ['Both', 1],
    ['Only a "b" \\ c', 2],
    ['Only two', 1],
    ['Neither', 6]
  ])
  expect(parseWhere(sides[1]!.question)).toEqual({
    type: 'and',
    of: [
      { type: 'is', field: 'flagged', operator: '=', value: 'a "b" \\ c' },
      { type: 'not', of: { type: 'is', field: 'flagged', operator: '=', value: 'two' } }
    ]
  })
})
