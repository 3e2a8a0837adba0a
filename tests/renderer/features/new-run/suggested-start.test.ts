// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { takeInHand } from '@renderer/client'
import { dataAtHand } from '@renderer/features/new-run/suggested-start'
import type { DatasetMeta } from '@shared/domain/dataset'

vi.mock('@renderer/client/connection', () => ({
  client: {
    datasets: {
      labels: async ({ dataset }: { dataset: string }) => {
        if (dataset === 'broken') throw new Error('It cannot be read.')
        return { given: [0, 1] }
      }
    },
    trust: {
      get: async ({ dataset }: { dataset: string }) => ({ classCounts: dataset === 'old' ? [1, 1] : [0, 0] })
    }
  }
}))

const meta = (id: string, day: number, poisoned = false): DatasetMeta =>
  ({ id, name: `${id}-name`, createdAt: `2026-11-0${day}`, splits: [], poisoned }) as unknown as DatasetMeta
const ALL = [meta('old', 1), meta('new', 2), meta('broken', 1), meta('attack', 3, true)]

beforeEach(() => sessionStorage.clear())

test('a run without data begins with those looked at last, else with the newest that are not poisoned', async () => {
  expect(await dataAtHand([])).toBeUndefined()
  expect(await dataAtHand(ALL)).toEqual({ train: 'new-name', none: 'trusted' })
  takeInHand('old')
  expect(await dataAtHand(ALL)).toEqual({ train: 'old-name', trusted: 'old-name#trusted' })
  takeInHand('removed')
  expect(await dataAtHand(ALL)).toMatchObject({ train: 'new-name' })
})

test('data that cannot be read are not suggested', async () => {
  takeInHand('broken')
  expect(await dataAtHand(ALL)).toBeUndefined()
})
