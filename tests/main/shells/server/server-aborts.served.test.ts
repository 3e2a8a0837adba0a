import { expect, test } from 'vitest'
import { AbortedWorkbench } from '../../../../bench/abort/abort-loop'
import { Random } from '@shared/numerics/random'
import { temporaryFolder } from '@support/command'

/** `npm run bench -- abort 200` does more of them. */
const ROUNDS = 15

test('exports, imports, downloads and uploads broken off at random moments end alone, and leave nothing', async () => {
  const dir = temporaryFolder()
  const random = new Random(7)
  const bench = await AbortedWorkbench.open(dir, () => random.uniform())
  try {
    for (let i = 0; i < ROUNDS; i++) {
      const round = await bench.round()
      expect(round.faults, `round ${i}: ${round.act}`).toEqual([])
    }
  } finally {
    await bench.close()
  }
})
