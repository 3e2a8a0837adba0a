import { describe, expect, test } from 'vitest'
import type { ExampleSelection } from '@main/datasets'
import { asStored } from '@main/runs/worker/write-poisons'

describe('poisons as they are stored', () => {
  test.for(['uint8', 'float32'] as const)('of %s data do not follow the solver afterwards', (dtype) => {
    const iterate = Float32Array.from([0, 0.2, 1])
    const kept = asStored(iterate, { dtype } as ExampleSelection)
    iterate.fill(0.6)
    expect(kept[0]).toBe(0)
    expect(kept[2]).toBe(1)
  })

  test('of bytes are whole levels within the box, of floats as they are', () => {
    const values = Float32Array.from([-0.1, 0.3, 0.5001])
    const bytes = asStored(values, { dtype: 'uint8' } as ExampleSelection)
    expect([...bytes].map((value) => Math.round(value * 255))).toEqual([0, 77, 128])
    expect(bytes[1]).toBeCloseTo(77 / 255, 6)
    expect([...asStored(values, { dtype: 'float32' } as ExampleSelection)]).toEqual([...values])
  })
})
