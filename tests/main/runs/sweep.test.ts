import { expect, test } from 'vitest'
import { createSweep, openWorkspace, specsOfSweep, sweepOf } from '@main/runs'
import { temporaryFolder } from '@support/command'

const base = { task: 'denoising', train: 'a', trusted: 'b' }
const axes = [
  { field: 'method', values: ['penalty', 'gd'] },
  { field: 'seed', values: [0, 1] }
]

test('a sweep is recorded whole, its runs queued for a scheduler in the order of their points', () => {
  const dir = temporaryFolder()
  const workspace = openWorkspace(dir)
  try {
    const runs = specsOfSweep(base, axes)
    const { sweep } = createSweep({ workspace, axes, runs, name: 'Compared' })
    expect(workspace.sweeps.list()).toEqual([sweep])
    const queued = workspace.store.waiting()
    expect(queued.map(({ name }) => name)).toEqual([
      'Compared (Penalty, seed 0)',
      'Compared (Penalty, seed 1)',
      'Compared (GD, seed 0)',
      'Compared (GD, seed 1)'
    ])
    const { table } = sweepOf(workspace, sweep.id)
    expect(table.rows.map(({ point, runs }) => [point['method'], runs.map(({ seed }) => seed)])).toEqual([
      ['penalty', [0, 1]],
      ['gd', [0, 1]]
    ])
    workspace.store.discard(queued[0]!.id)
    expect(sweepOf(workspace, sweep.id).runs).toHaveLength(3)
    expect(() => sweepOf(workspace, 'none')).toThrow(expect.objectContaining({ code: 'not-found' }))
  } finally {
    workspace.close()
  }
})

test('what the task does not take is refused by its field', () => {
  expect(() => specsOfSweep(base, [{ field: 'method', values: ['newton'] }])).toThrow('--method is "newton"')
  expect(() => specsOfSweep(base, [])).toThrow('Nothing varies')
  expect(() => specsOfSweep(base, [axes[0]!, axes[0]!])).toThrow('--method is varied twice')
})
