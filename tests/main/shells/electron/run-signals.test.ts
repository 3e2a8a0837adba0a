import { beforeEach, describe, expect, test } from 'vitest'
import type { RunRecord } from '@shared/domain/run'
import { RunSignals } from '@main/shells/electron/run-signals'
import type { SystemSignals } from '@main/shells/electron/run-signals'

/** As much of a record as is looked at. */
function run(id: string, state: RunRecord['state'], more: Partial<RunRecord> = {}): RunRecord {
  return { id, name: `run ${id}`, state, fraction: null, failure: null, ...more } as RunRecord
}

describe('what the system shows of runs', () => {
  let runs: RunRecord[]
  let look: () => void
  let left: boolean
  let said: unknown[]
  let isSeen: boolean
  let signals: RunSignals

  const feed = {
    join: (onNews: () => void) => {
      look = onNews
      return () => (left = true)
    },
    all: () => ({ version: 1, runs })
  } as unknown as ConstructorParameters<typeof RunSignals>[0]
  const system: SystemSignals = {
    get isSeen() {
      return isSeen
    },
    notify: (...words) => said.push(words),
    setBadge: (count) => said.push(`badge ${count}`),
    setProgress: (fraction) => said.push(`progress ${fraction}`),
    keepAwake: (wanted) => said.push(`awake ${wanted}`)
  }
  const after = (...next: RunRecord[]): unknown[] => {
    said = []
    runs = next
    look()
    return said
  }

  beforeEach(() => {
    runs = [run('old', 'done')]
    said = []
    isSeen = false
    left = false
    signals = new RunSignals(feed, system)
  })

  test('what had ended before is no news', () => {
    expect(said).toEqual(['progress null', 'awake false'])
  })

  test('one that trains shows its progress and keeps the machine awake', () => {
    expect(after(run('a', 'running'))).toEqual(['progress null', 'awake true'])
    expect(after(run('a', 'running', { fraction: 0.25 }))).toEqual(['progress 0.25', 'awake true'])
    expect(after(run('a', 'paused', { fraction: 0.25 }))).toEqual(['progress null', 'awake false'])
  })

  test('an end and a failure are told once, with the way to them', () => {
    after(run('a', 'running'))
    expect(after(run('a', 'done'), run('b', 'running'))).toEqual([
      'badge 1',
      ['A run has ended', 'run a', '/runs/a'],
      'progress null',
      'awake true'
    ])
    const failure = { code: 'process-died', sentence: 'Memory ran out.', remedy: '' } as const
    expect(after(run('a', 'done'), run('b', 'failed', { failure }))).toEqual([
      'badge 2',
      ['A run has failed', 'Memory ran out.', '/runs/b'],
      'progress null',
      'awake false'
    ])
    expect(after(run('a', 'done'), run('b', 'failed', { failure }))).toEqual(['progress null', 'awake false'])
    said = []
    signals.seen()
    expect(said).toEqual(['badge 0'])
  })

  test('nothing is told to a person who looks at the window, or who cancelled', () => {
    isSeen = true
    after(run('a', 'running'))
    expect(after(run('a', 'done'))).toEqual(['progress null', 'awake false'])
    isSeen = false
    after(run('c', 'running'))
    expect(after(run('c', 'cancelled'))).toEqual(['progress null', 'awake false'])
  })

  test('a workspace that cannot be read for a moment is no end; closing leaves nothing', () => {
    after(run('a', 'running'))
    said = []
    const { all } = feed
    feed.all = () => {
      throw new Error('busy')
    }
    look()
    expect(said).toEqual([])
    feed.all = all
    signals.close()
    expect(left).toBe(true)
    expect(said).toEqual(['progress null', 'awake false'])
  })
})
