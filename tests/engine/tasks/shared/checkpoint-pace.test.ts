import { expect, test } from 'vitest'
import { CheckpointPace } from '@engine/tasks/shared/checkpoint-pace'

/** How often a run of 100 seconds is saved whose epochs and savings take so long. */
async function savings(epochSeconds: number, saveSeconds: number): Promise<number> {
  let clock = 0
  let count = 0
  const pace = new CheckpointPace({ seconds: () => clock })
  while (clock < 100) {
    clock += epochSeconds
    await pace.offer(async () => {
      count++
      clock += saveSeconds
    })
  }
  return count
}

test('where epochs are short, so few of them are saved that it takes a hundredth of the time', async () => {
  const saved = await savings(0.25, 0.02)
  expect(saved * 0.02).toBeLessThanOrEqual(1.02)
  expect(saved).toBeGreaterThan(40)
})

test('where epochs are long, each is saved', async () => {
  expect(await savings(10, 0.05)).toBe(10)
})

test('however long saving takes, half a minute of work is the most that can be lost', async () => {
  expect(await savings(1, 2)).toBeGreaterThanOrEqual(3)
})
