// The product as one of the contestants of bench/step.ts: node --import tsx bench/step-product.ts FOLDER BACKEND
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { backend as tfBackend, conv2d, matMul, randomNormal, slice, tidy } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { selectBackend } from '@engine/backends'
import { PENALTY_DEFAULTS, PenaltySolver } from '@engine/bilevel/penalty'
import type { ImportanceBatch } from '@engine/tasks/importance-problem'
import type { BackendChoice } from '@shared/domain/task-spec'
import { SETTINGS, STEP_CASES, lowerStepsOf, networkOf } from './step-cases'
import { now, stepProblem } from './step-problem'

const [folder, backend = 'native', name] = process.argv.slice(2)
const stepCase = STEP_CASES.find((each) => each.name === name)
if (!folder || !stepCase) throw new Error('step-product.ts FOLDER BACKEND CASE')

const { info } = await selectBackend(backend as BackendChoice)
const network = networkOf(stepCase)
const { problem, batch } = stepProblem(stepCase, network)
const solverOf = (lowerSteps: number): PenaltySolver<ImportanceBatch> =>
  new PenaltySolver(problem, { ...PENALTY_DEFAULTS, ...SETTINGS, lowerSteps })

function check(names: readonly string[]): void {
  const solver = solverOf(1)
  solver.step(batch)
  const { arrays } = solver.save()
  // After one step Adam's first moment is a tenth of the direction.
  const tenfold = (name: string): Float32Array => (arrays[name] as Float32Array).map((value) => value * 10)
  const vectors = [solver.lower(), tenfold('lowerAdamFirst'), tenfold('upperAdamFirst')]
  vectors.forEach((vector, i) => writeFileSync(path.join(folder!, names[i]!), vector))
  solver.dispose()
}

/** Seconds, one a step: of lower steps the mean of each batch's. */
function time(level: string, steps: number): number[] {
  const perBatch = lowerStepsOf(stepCase!)
  const batches = Math.ceil(level === 'lower' ? steps / perBatch : steps)
  const [one, many] = [solverOf(1), solverOf(perBatch)]
  for (const solver of [one, many]) solver.step(batch)
  const seconds = Array.from({ length: batches }, () => {
    const { lower, upper } = stepsTell ? timed(many, perBatch) : compared(one, many, perBatch)
    return level === 'lower' ? new Array<number>(perBatch).fill(lower) : [upper]
  }).flat()
  for (const solver of [one, many]) solver.dispose()
  return seconds
}

/** When Adam last stepped: the upper step begins there. TensorFlow computes while the caller waits, but on a card. */
let stepped = 0
const stepsTell = info.name === 'native' && info.device !== 'GPU'
if (stepsTell) {
  const native = tfBackend() as unknown as {
    binding: { executeOp(name: string, ...rest: unknown[]): unknown }
  }
  const { binding } = native
  const executeOp = (name: string, ...rest: unknown[]): unknown => {
    const result = binding.executeOp(name, ...rest)
    if (name === 'ResourceApplyAdam') stepped = now()
    return result
  }
  native.binding = Object.create(binding, { executeOp: { value: executeOp } }) as typeof binding
}

interface Spent {
  readonly lower: number
  readonly upper: number
}

function timed(solver: PenaltySolver<ImportanceBatch>, perBatch: number): Spent {
  const begun = now()
  solver.step(batch)
  return { lower: (stepped - begun) / perBatch / 1000, upper: (now() - stepped) / 1000 }
}

/**
 * With S(T) the time of a batch, a lower step takes (S(T) - S(1)) / (T - 1) and the upper one S(1) less that. S(1)
 * shares out nothing that is done once a batch: that counts against the upper step.
 */
function compared(
  one: PenaltySolver<ImportanceBatch>,
  many: PenaltySolver<ImportanceBatch>,
  perBatch: number
): Spent {
  const [short, long] = [one, many].map((solver) => {
    const begun = now()
    solver.step(batch)
    return (now() - begun) / 1000
  }) as [number, number]
  const lower = (long - short) / (perBatch - 1)
  return { lower, upper: short - lower }
}

/** FLOP/s of the engine's own kernels, best of a few. */
function machine(): { convolution: number; product: number } {
  const best = (flops: number, run: () => Tensor, times: number): number => {
    run().dispose()
    const seconds = Array.from({ length: times }, () => {
      const begun = now()
      const result = run()
      // Elsewhere than on the native processor a call returns before the work is done.
      if (backend === 'wasm' || info.device === 'GPU') tidy(() => slice(result, 0, 1).dataSync())
      const spent = (now() - begun) / 1000
      result.dispose()
      return spent
    })
    return flops / Math.min(...seconds)
  }
  const [x, kernel] = [randomNormal([200, 12, 12, 64]), randomNormal([5, 5, 64, 128])] as [Tensor4D, Tensor4D]
  const [a, b] = [randomNormal([1024, 1024]), randomNormal([1024, 1024])] as [Tensor2D, Tensor2D]
  const found = {
    convolution: best(2 * 200 * 8 * 8 * 25 * 64 * 128, () => conv2d(x, kernel, 1, 'valid'), 4),
    product: best(2 * 1024 ** 3, () => matMul(a, b), 4)
  }
  for (const tensor of [x, kernel, a, b]) tensor.dispose()
  return found
}

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...words] = line.split(' ')
  let answer: unknown = {}
  if (command === 'check') check(words)
  else if (command === 'machine') answer = machine()
  else answer = { seconds: time(words[0]!, Number(words[1])) }
  console.log(JSON.stringify(answer))
}
