// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { expect, test, vi } from 'vitest'
import NearestTrusted from '@renderer/features/review/nearest-trusted.vue'
import { useRunLines } from '@renderer/features/review/run-lines'
import type { IssueTable } from '@shared/domain/review'

const server = vi.hoisted(() => ({ asked: [] as { role: string; rows: number[] }[] }))

vi.mock('@renderer/client', () => ({
  client: {
    reviews: {
      neighbours: async () => ({
        given: [{ row: 3, label: 0, distance: 0.5 }],
        suggested: [{ row: 8, label: 1, distance: 1.25 }]
      })
    },
    tables: {
      lines: async (order: { role: string; rows: number[] }) => {
        server.asked.push(order)
        return order.rows.map((row) => `customer ${row}, basic`)
      }
    }
  }
}))

test('the trusted examples most alike of a table are rows in words, with their distance', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const table = { classNames: ['leaves', 'renews'], given: [0], predicted: [1] } as unknown as IssueTable
  const page = mount({
    components: { NearestTrusted },
    setup: () => ({ table, lines: useRunLines('r', 'trusted') }),
    template: '<NearestTrusted run="r" :table="table" :row="0" :pictures="{}" :lines="lines" />'
  })
  await flushPromises()
  expect(page.findAll('ol').map((list) => list.text())).toEqual([
    'example 3distance 0.50',
    'example 8distance 1.25'
  ])
  vi.advanceTimersByTime(50)
  vi.useRealTimers()
  await flushPromises()
  expect(server.asked).toEqual([{ run: 'r', role: 'trusted', rows: [3, 8] }])
  expect(page.text()).toContain('customer 3, basic')
  expect(page.findAll('ul')).toHaveLength(0)
})
