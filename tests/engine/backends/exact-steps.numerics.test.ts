import { getBackend, tensor } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { diagnoseBackends, selectBackend } from '@engine/backends'
import { spectralPays } from '@engine/backends/kernels/spectral-convolution'
import { PENALTY, PENALTY_DEFAULTS } from '@engine/bilevel/methods/penalty'
import { solverOf } from '@engine/bilevel/solver'
import { relu } from '@engine/layers/activation'
import { bias } from '@engine/layers/bias'
import { conv2d } from '@engine/layers/conv2d'
import { dense } from '@engine/layers/dense'
import { flatten } from '@engine/layers/flatten'
import { oneHot } from '@engine/models/one-hot'
import { Network } from '@engine/models/network'
import { ImportanceProblem, weightOf } from '@engine/tasks/denoising/importance-problem'
import { Random } from '@shared/numerics/random'
import { backward, forward } from '@support/float64-network'
import type { Pass, Plan } from '@support/float64-network'

const findings = await diagnoseBackends()
const native = findings.some(({ name, available }) => name.startsWith('native') && available)

const [CLASSES, BATCH, GAMMA, NU, RATE] = [10, 24, 1000, 1e-4, 1e-3]
const FIRST = { height: 10, width: 11, channels: 1, size: 2, filters: 64 }
const SECOND = { height: 9, width: 10, channels: 64, size: 5, filters: 128 }
const PLAN: Plan = { convolutions: [FIRST, SECOND], classes: CLASSES }

function network(): Network {
  const [first, second] = [FIRST, SECOND].map(
    ({ height, width, size, filters }) => [height - size + 1, width - size + 1, filters] as const
  )
  return new Network(
    'two convolutions',
    [10, 11, 1],
    [
      conv2d('first', [10, 11, 1], 64, 2, 'valid'),
      bias('first', first!),
      relu(first!),
      conv2d('second', [9, 10, 64], 128, 5, 'valid'),
      bias('second', second!),
      relu(second!),
      flatten(second!),
      dense('output', 5 * 6 * 128, CLASSES)
    ]
  )
}

/** Biases spread far: some channels and filters are active at hardly any place. */
function parametersOf({ layout }: Network, initial: Float32Array, random: Random): Float32Array {
  const v = initial.slice()
  for (const [name, spread] of [
    ['first/bias', 1],
    ['second/bias', 3]
  ] as const) {
    const { offset, size } = layout.entries.find((entry) => entry.name === name)!
    for (let i = 0; i < size; i++) v[offset + i] = -spread * random.uniform()
  }
  return v
}

const random = new Random(5)
const uniform = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.uniform())
const DATA = {
  v: parametersOf(network(), network().initialise(random), random),
  train: uniform(BATCH * 110),
  trusted: uniform(BATCH * 110),
  u: uniform(BATCH).map((value) => value - 0.5)
}

const softmax = (logits: Float64Array): Float64Array => {
  const top = Math.max(...logits)
  const powers = logits.map((value) => Math.exp(value - top))
  const total = powers.reduce((sum, value) => sum + value, 0)
  return powers.map((value) => value / total)
}

/** What one Penalty step gives, in float64: H p and tangents as central differences along p with every ReLU held. */
function exactStep(): { v: Float64Array; first: Float64Array; upper: Float64Array } {
  const [train, trusted] = [Float64Array.from(DATA.train), Float64Array.from(DATA.trusted)]
  const weights = Array.from(DATA.u, (u) => (Math.tanh(u) + 1) / 2)
  const total = weights.reduce((sum, w) => sum + w, 0)
  const slopes = ({ logits }: Pass, coefficient: (b: number) => number): Float64Array[] =>
    logits.map((row, b) => softmax(row).map((p, k) => coefficient(b) * (p - Number(k === b % CLASSES))))
  const at = (v: Float64Array): { gradient: Float64Array; p: Float64Array; pass: Pass; h: number } => {
    const pass = forward(PLAN, v, train, BATCH)
    const gradient = backward(
      PLAN,
      v,
      pass,
      slopes(pass, (b) => weights[b]! / total)
    )
    const p = gradient.map((slope) => NU + GAMMA * slope)
    return { gradient, p, pass, h: 1e-6 / Math.sqrt(p.reduce((sum, value) => sum + value ** 2, 0)) }
  }
  const moved = (v: Float64Array, p: Float64Array, h: number): Float64Array =>
    v.map((value, i) => value + h * p[i]!)

  const v = Float64Array.from(DATA.v)
  const { gradient, p, pass, h } = at(v)
  const along = [h, -h].map((step) => {
    const there = moved(v, p, step)
    const aside = forward(PLAN, there, train, BATCH, pass.open)
    return backward(
      PLAN,
      there,
      aside,
      slopes(aside, (b) => weights[b]! / total)
    )
  })
  const ofF = forward(PLAN, v, trusted, BATCH)
  const direction = backward(
    PLAN,
    v,
    ofF,
    slopes(ofF, () => 1 / BATCH)
  ).map((slope, i) => slope + gradient[i]! + (along[0]![i]! - along[1]![i]!) / (2 * h))
  const next = v.map((value, i) => value - (RATE * direction[i]!) / (Math.abs(direction[i]!) + 1e-8))

  const after = at(next)
  const losses = [after.h, -after.h].map((step) =>
    forward(PLAN, moved(next, after.p, step), train, BATCH, after.pass.open).logits.map(
      (row, b) => -Math.log(softmax(row)[b % CLASSES]!)
    )
  )
  const tangents = weights.map((_, b) => (losses[0]![b]! - losses[1]![b]!) / (2 * after.h))
  const mean = tangents.reduce((sum, tangent, b) => sum + weights[b]! * tangent, 0) / total
  const upper = Float64Array.from(
    DATA.u,
    (u, b) => (((tangents[b]! - mean) / total) * (1 - Math.tanh(u) ** 2)) / 2
  )
  return { v: next, first: direction.map((slope) => slope / 10), upper }
}

/** ||a - b|| / ||b|| */
function deviation(a: Float32Array, b: Float64Array): number {
  expect(a.length).toBe(b.length)
  let [off, size] = [0, 0]
  b.forEach((value, i) => {
    off += (a[i]! - value) ** 2
    size += value ** 2
  })
  return Math.sqrt(off / size)
}

describe('a Penalty step through frequencies', () => {
  let exact: ReturnType<typeof exactStep> | undefined
  test.each(['native', 'wasm'] as const)('is that of float64 within 1e-4, on %s', async (backend) => {
    if (backend === 'native' && !native) return
    await selectBackend(backend)
    expect(getBackend()).toBe(backend === 'native' ? 'tensorflow' : 'wasm')
    expect(spectralPays({ ...SECOND, batch: BATCH })).toBe(true)
    exact ??= exactStep()

    const problem = new ImportanceProblem(network(), DATA.u.map(weightOf), DATA.v)
    const settings = { gamma: GAMMA, lambda: 1, nu: NU, lrLower: RATE, lrUpper: 0.05, lowerSteps: 1 }
    const solver = solverOf(problem, PENALTY, { ...PENALTY_DEFAULTS, ...settings })
    const labels = Array.from({ length: BATCH }, (_, i) => i % CLASSES)
    const examples = (x: Float32Array): { x: Tensor; targets: ReturnType<typeof oneHot> } => ({
      x: tensor(x, [BATCH, 10, 11, 1]),
      targets: oneHot(labels, CLASSES)
    })
    const rows = Int32Array.from(labels, (_, i) => i)
    solver.step({ rows, train: examples(DATA.train), trusted: examples(DATA.trusted), masks: [] })
    const { arrays } = solver.save()
    const found = {
      v: deviation(solver.lower(), exact.v),
      first: deviation(arrays['lowerAdamFirst'] as Float32Array, exact.first),
      upper: deviation(
        (arrays['upperAdamFirst'] as Float32Array).map((value) => value * 10),
        exact.upper
      )
    }
    solver.dispose()
    // Directly zero entries stay zero: Adam would step on the rounding of frequencies.
    const zeros = exact.first.reduce((count, value) => count + Number(value === 0), 0)
    expect(zeros).toBeGreaterThan(1000)
    for (const off of Object.values(found)) expect(off).toBeLessThan(1e-4)
  })
})
