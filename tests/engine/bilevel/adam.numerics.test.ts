import { tensor1d } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { selectBackend } from '@engine/backends'
import { DeviceAdam, HostAdam } from '@engine/bilevel/adam'

/** Kingma and Ba 2015, Algorithm 1, in float64. */
function reference(gradients: readonly number[][], rate: number): number[] {
  const size = gradients[0]!.length
  const [x, m, s] = [0, 0, 0].map(() => new Array<number>(size).fill(0)) as [number[], number[], number[]]
  gradients.forEach((gradient, i) => {
    gradient.forEach((g, k) => {
      m[k] = 0.9 * m[k]! + 0.1 * g
      s[k] = 0.999 * s[k]! + 0.001 * g * g
      const corrected = m[k]! / (1 - 0.9 ** (i + 1))
      x[k] = x[k]! - (rate * corrected) / (Math.sqrt(s[k]! / (1 - 0.999 ** (i + 1))) + 1e-8)
    })
  })
  return x
}

const GRADIENTS = [
  [1, -2, 0.001],
  [0.5, 3, -0.002],
  [-1, 0.1, 0.004]
]

describe('Adam', () => {
  beforeAll(async () => {
    await selectBackend('auto')
  })

  test('on the device and on the host agrees with the published algorithm', () => {
    const expected = reference(GRADIENTS, 0.1)
    const device = new DeviceAdam(3)
    let v = tensor1d([0, 0, 0])
    const host = new HostAdam(3)
    const values = new Float32Array(3)
    for (const gradient of GRADIENTS) {
      const g = tensor1d(gradient)
      v = device.step(v, g, 0.1)
      g.dispose()
      host.step(values, Float32Array.from(gradient), 0.1)
    }
    const onDevice = v.dataSync()
    expected.forEach((value, i) => {
      expect(onDevice[i]).toBeCloseTo(value, 5)
      expect(values[i]).toBeCloseTo(value, 5)
    })
    v.dispose()
    device.dispose()
  })

  test('moments that belong to the entry ignore other entries; those of the place in the batch do not', () => {
    const run = (momentsOf: 'entry' | 'place'): Float32Array => {
      const adam = new HostAdam(4)
      const values = new Float32Array(4)
      adam.step(values, Float32Array.from([100, 1]), 0.1, Int32Array.from([0, 1]), momentsOf)
      adam.step(values, Float32Array.from([1, 1]), 0.1, Int32Array.from([2, 3]), momentsOf)
      return values
    }
    const own = run('entry')
    // The first step of an entry is the learning rate, whatever the gradient.
    own.forEach((value) => expect(value).toBeCloseTo(-0.1, 5))
    expect(Math.abs(run('place')[2]! + 0.1)).toBeGreaterThan(0.01)
  })
})
