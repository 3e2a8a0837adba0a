import { expect, it } from 'vitest'
import { plantedErrors } from '@engine/evidence/planted-errors'
import { LabelBeliefs } from '@engine/evidence/wrong-labels'

it('plants every wrong label on every trusted row', () => {
  const doubtful = 90
  const labels = Int32Array.from({ length: doubtful + 3 }, (_, row) => row % 3)
  // An opinion that is right and sure, but for the last trusted row, of which it knows nothing.
  const opinion = Float32Array.from({ length: labels.length * 3 }, (_, i) => {
    const row = Math.floor(i / 3)
    if (row === labels.length - 1) return 1 / 3
    return i % 3 === labels[row] ? 0.98 : 0.01
  })
  const beliefs = new LabelBeliefs([opinion], labels, 3, doubtful, 0)
  const rows = { features: new Float32Array(labels.length), labels, width: 1, classes: 3, doubtful }
  const planted = plantedErrors(rows, beliefs)
  expect(planted).toHaveLength(6)
  expect(planted[0]).toBe(beliefs.of(doubtful, 1).logOdds)
  expect(beliefs.of(doubtful).logOdds).toBeLessThan(0)
  // Found, but for those on the row of which nothing is known.
  expect(Array.from(planted, (odds) => odds >= 0)).toEqual([true, true, true, true, false, false])
})
