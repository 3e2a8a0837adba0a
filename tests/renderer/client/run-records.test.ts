import { expect, test, vi } from 'vitest'
import type { RunRecord } from '@shared/domain/run'

vi.mock('@renderer/client/connection', () => ({ client: {} }))
const { withNews } = await import('@renderer/client/run-records')

const run = (id: string, minute: number, name = id): RunRecord =>
  ({ id, name, createdAt: `2026-01-01T00:0${minute}:00.000Z`, position: minute }) as RunRecord

test('a list with what has changed of it, newest first', () => {
  const first = withNews([], { type: 'all', runs: [run('a', 1), run('b', 2), run('c', 3)], gone: [] })
  expect(first.map(({ id }) => id)).toEqual(['c', 'b', 'a'])
  const next = withNews(first, { type: 'changes', runs: [run('b', 2, 'renamed'), run('d', 4)], gone: ['c'] })
  expect(next.map(({ id, name }) => `${id} ${name}`)).toEqual(['d d', 'b renamed', 'a a'])
  // What stayed is the same object, so that nothing of it is drawn again.
  expect(next[2]).toBe(first[2])
  expect(withNews(next, { type: 'all', runs: [run('e', 5)], gone: [] }).map(({ id }) => id)).toEqual(['e'])
})
