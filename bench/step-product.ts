// The product as one of the contestants of bench/step.ts: node --import tsx bench/step-product.ts FOLDER BACKEND
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { conv2d, matMul, randomNormal, slice, tidy } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { selectBackend } from '@engine/backends'
import { PENALTY_DEFAULTS, PENALTY } from '@engine/bilevel/methods/penalty'
import { solverOf } from '@engine/bilevel/solver'
import type { Solver } from '@engine/bilevel/solver'
import type { ImportanceBatch } from '@engine/tasks/denoising/importance-problem'
import type { BackendChoice } from '@shared/domain/task-spec'
import { SETTINGS, STEP_CASES, checkedStepsOf, lowerStepsOf, networkOf } from './step-cases'
import { now, stepProblem } from './step-problem'

const [folder, backend = 'native', name] = process.argv.slice(2)
const stepCase = STEP_CASES.find((each) => each.name === name)
if (!folder || !stepCase) throw new Error('step-product.ts FOLDER BACKEND CASE')

const { info } = await selectBackend(backend as BackendChoice)
const network = networkOf(stepCase)
const { problem, batch } = stepProblem(stepCase, network)
const penaltyOf = (lowerSteps: number): Solver<ImportanceBatch> =>
  solverOf(problem, PENALTY, { ...PENALTY_DEFAULTS, ...SETTINGS, lowerSteps })

function check(names: readonly string[]): void {
  const solver = penaltyOf(checkedStepsOf(stepCase!))
  solver.step(batch)
  const { arrays } = solver.save()
  // After one step Adam's first moment is a tenth of the direction.
  const direction = (arrays['upperAdamFirst'] as Float32Array).map((value) => value * 10)
  const vectors = [solver.lower(), arrays['lowerAdamFirst'] as Float32Array, direction]
  vectors.forEach((vector, i) => writeFileSync(path.join(folder!, names[i]!), vector))
  solver.dispose()
}

/** Seconds, one a step: of lower steps the mean of each batch's. */
function time(level: string, steps: number): number[] {
  const perBatch = lowerStepsOf(stepCase!)
  const batches = Math.ceil(level === 'lower' ? steps / perBatch : steps)
  const [usual, twice] = [penaltyOf(perBatch), penaltyOf(2 * perBatch)]
  for (const solver of [usual, twice]) solver.step(batch)
  const seconds = Array.from({ length: batches }, () => {
    const { lower, upper } = compared(usual, twice, perBatch)
    return level === 'lower' ? new Array<number>(perBatch).fill(lower) : [upper]
  }).flat()
  for (const solver of [usual, twice]) solver.dispose()
  return seconds
}

/**
 * A batch is one piece of work. With S(T) its time, a lower step takes (S(2T) - S(T)) / T and the upper one
 * S(T) less T of them: what is done once a batch counts against the upper step.
 */
function compared(
  usual: Solver<ImportanceBatch>,
  twice: Solver<ImportanceBatch>,
  perBatch: number
): { lower: number; upper: number } {
  const [short, long] = [usual, twice].map((solver) => {
    const begun = now()
    solver.step(batch)
    return (now() - begun) / 1000
  }) as [number, number]
  const lower = (long - short) / perBatch
  return { lower, upper: short - perBatch * lower }
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
