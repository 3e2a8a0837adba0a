import {
  add,
  backend,
  engine,
  keep,
  memory,
  mul,
  sub,
  sum,
  tensor,
  tensor1d,
  tidy
} from '@tensorflow/tfjs-core'
import type { Tensor1D } from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { diagnoseBackends, selectBackend } from '@engine/backends'
import { adamDescent } from '@engine/tensors/kernels'
import { constantRate, DeviceAdam } from '@engine/bilevel/adam'
import { buildModel } from '@engine/models/classifier'
import { classificationGradient } from '@engine/tasks/shared/classification-gradient'
import { oneHot } from '@engine/models/one-hot'
import { Random } from '@shared/numerics/random'

const DECAY = { beta1: 0.9, beta2: 0.999 }
const SIZES = [0.1, 0.05, 0.02, 0.01].map((rate) => ({ rate, epsilon: 1e-8 }))

interface End {
  readonly v: Float32Array
  readonly first: Float32Array
  readonly second: Float32Array
  readonly gradient: Float32Array
}

const host = (t: Tensor1D): Float32Array => Float32Array.from(t.dataSync())

function descend(start: Float32Array, gradient: (v: Tensor1D) => Tensor1D): End {
  return tidy(() => {
    const zeros = new Float32Array(start.length)
    const state = { v: tensor1d(start), first: tensor1d(zeros), second: tensor1d(zeros) }
    const end = adamDescent(state, () => ({ direction: gradient }), SIZES, DECAY)
    return {
      v: host(end.v),
      first: host(end.first),
      second: host(end.second),
      gradient: host(end.last)
    } as never
  })
}

/** The same, one kernel call a step. */
function stepByStep(start: Float32Array, gradient: (v: Tensor1D) => Tensor1D): End {
  return tidy(() => {
    const zeros = new Float32Array(start.length)
    let [v, first, second] = [tensor1d(start), tensor1d(zeros), tensor1d(zeros)]
    let along = v
    for (const size of SIZES) {
      along = gradient(v)
      const inputs = { v, first, second, gradient: along }
      const made = engine().runKernel('BilevelAdamStep', inputs, { ...size, ...DECAY })
      ;[v, first, second] = made as unknown as [Tensor1D, Tensor1D, Tensor1D]
    }
    return { v: host(v), first: host(first), second: host(second), gradient: host(along) } as never
  })
}

/** TensorFlow's own count: tfjs does not know the values of a replay. */
function handles(): number {
  const { binding } = backend() as unknown as { binding?: { getNumOfTensors(): number } }
  return binding?.getNumOfTensors() ?? 0
}

const findings = await diagnoseBackends()
const native = findings.some(({ name, available }) => name.startsWith('native') && available)

describe.each(['native', 'wasm'] as const)('Adam descent on %s', (name) => {
  const there = name === 'wasm' || native
  const start = Float32Array.from([1, -2, 0.5])

  test.skipIf(!there)('a network with dropout: to the bit the steps taken one by one', async () => {
    await selectBackend(name)
    const network = buildModel('cnn', { shape: [8, 8, 1], classes: 3 })
    const random = new Random(3)
    const x = keep(
      tensor(
        Array.from({ length: 5 * 64 }, () => random.uniform()),
        [5, 8, 8, 1]
      )
    )
    const targets = keep(oneHot([0, 1, 2, 0, 1], 3))
    const gradient = (v: Tensor1D): Tensor1D => {
      let seed = 5
      return classificationGradient(network, v, { x, targets }, { training: true, nextSeed: () => seed++ })
        .gradient
    }
    const from = network.initialise(random)
    const [found, expected] = [descend(from, gradient), stepByStep(from, gradient)]
    for (const part of ['v', 'first', 'second', 'gradient'] as const) {
      expect(Buffer.from(found[part].buffer).equals(Buffer.from(expected[part].buffer)), part).toBe(true)
    }
    x.dispose()
    targets.dispose()
  })

  test.skipIf(!there)('gradients as small as Adam’s epsilon', async () => {
    await selectBackend(name)
    const small = Float32Array.from([1e-8, -3e-8, 1e-7])
    const adam = new DeviceAdam(3)
    const begun = keep(tensor1d(start))
    const direction = (v: Tensor1D): Tensor1D => add(mul(v, 0), tensor1d(small))
    const { v, last } = adam.descend(begun, () => ({ direction }), constantRate(0.1, 3))
    // Of a constant gradient the corrected moments are the gradient and its square.
    small.forEach((g, i) => {
      expect(v.dataSync()[i]).toBeCloseTo(start[i]! - (3 * 0.1 * g) / (Math.abs(g) + 1e-8), 4)
    })
    for (const tensor of [v, last]) tensor.dispose()
    adam.dispose()
  })

  test.skipIf(!there)('a gradient that reads values back, or ignores v', async () => {
    await selectBackend(name)
    const readsBack = (v: Tensor1D): Tensor1D => mul(v, sum(v).dataSync()[0]! > 0 ? 1 : -1)
    const ignores = (): Tensor1D => add(tensor1d([1, 2, 3]), 1)
    const itself = (v: Tensor1D): Tensor1D => v
    for (const gradient of [readsBack, ignores, itself]) {
      const [found, expected] = [descend(start, gradient), stepByStep(start, gradient)]
      for (const part of ['v', 'first', 'second', 'gradient'] as const) {
        expected[part].forEach((value, i) => expect(found[part][i]).toBeCloseTo(value, 5))
      }
    }
  })

  test.skipIf(!there)('nothing is left behind, whatever becomes of the gradient', async () => {
    await selectBackend(name)
    const centre = tensor1d([3, 2, 1])
    const gradients: ((v: Tensor1D) => Tensor1D)[] = [
      (v) => mul(sub(v, centre), tensor1d([1, 2, 3])),
      (v) => mul(v, sum(v).dataSync()[0]!),
      () => centre.clone()
    ]
    for (const gradient of gradients) descend(start, gradient)
    const before = [memory().numTensors, handles()]
    for (const gradient of gradients) descend(start, gradient)
    const failing = (): Tensor1D => {
      add(centre, 1)
      throw new Error('no gradient')
    }
    expect(() => descend(start, failing)).toThrow('no gradient')
    expect([memory().numTensors, handles()]).toEqual(before)
    centre.dispose()
  })
})
