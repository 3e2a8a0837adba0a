import { expect, test } from 'vitest'
import { fuzz } from '../../../bench/fuzz/fuzz'

/** As many as a person waits for; `npm run fuzz` takes more. */
const COUNT = 400
const PATIENCE_MS = 1_800_000

test(
  'mutated files of every format are read or refused: no defect, no hang, no memory, nothing left',
  { timeout: PATIENCE_MS },
  async () => {
    const seeds = new Set<string>()
    const summary = await fuzz({ count: COUNT, stream: 2, onCase: (_, __, { seed }) => void seeds.add(seed) })
    expect(summary.findings).toEqual([])
    expect(summary.accepted + summary.refused).toBe(COUNT)
    // Both happen often, or the mutations have lost their sense; and every format had its turn.
    expect(summary.accepted).toBeGreaterThan(COUNT / 10)
    expect(summary.refused).toBeGreaterThan(COUNT / 10)
    expect(seeds.size).toBeGreaterThan(30)
  }
)
