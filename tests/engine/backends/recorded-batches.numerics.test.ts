import { backend, memory, tensor } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { diagnoseBackends, selectBackend } from '@engine/backends'
import { APPROXIMATE_GRADIENT, SIGMA } from '@engine/bilevel/methods/approximate-gradient'
import { GRADIENT_DESCENT } from '@engine/bilevel/methods/gradient-descent'
import { PENALTY_DEFAULTS, PENALTY } from '@engine/bilevel/methods/penalty'
import type { BilevelProblem } from '@engine/bilevel/problem'
import type { Solver } from '@engine/bilevel/solver'
import type { MethodSettings } from '@engine/bilevel/methods/method'
import type { StepNumbers } from '@shared/domain/run-event'
import { VALUE_FUNCTION } from '@engine/bilevel/methods/value-function'
import { solverOf } from '@engine/bilevel/solver'
import { buildModel } from '@engine/models/classifier'
import type { Network } from '@engine/models/network'
import { oneHot } from '@engine/models/one-hot'
import { ImportanceProblem, weightOf } from '@engine/tasks/denoising/importance-problem'
import type { ImportanceBatch } from '@engine/tasks/denoising/importance-problem'
import { PoisoningProblem } from '@engine/tasks/poisoning/problem'
import { SyntheticProblem } from '@engine/tasks/synthetic/problem'
import type { LabelledBatch } from '@engine/tasks/shared/resident-examples'
import { Random } from '@shared/numerics/random'
import { isComplete } from '@support/complete'

const SHAPE = [12, 12, 1]
const CLASSES = 3
/** Two sizes in turn, and nothing in common between two batches of a size. */
const SIZES = [6, 4, 6, 6, 4, 4, 6]
const EXAMPLES = 12
/** Steps too few to be compiled (compiled-descent.test.ts). */
const FEW = 3

const findings = await diagnoseBackends()
const native = findings.some(({ name, available }) => name.startsWith('native') && available)

function handles(): number {
  const { binding } = backend() as unknown as { binding?: { getNumOfTensors(): number } }
  return binding?.getNumOfTensors() ?? 0
}

function labelled(random: Random, count: number): LabelledBatch {
  const values = Array.from({ length: count * 144 }, () => random.uniform())
  return {
    x: tensor(values, [count, ...SHAPE]),
    targets: oneHot(
      Array.from({ length: count }, () => random.below(CLASSES)),
      CLASSES
    )
  }
}

/** How often its programs were begun, rather than repeated. */
class CountedProblem extends ImportanceProblem {
  begun = 0

  constructor(
    readonly network: Network,
    readonly recurs: boolean
  ) {
    const random = new Random(5)
    const weights = Float32Array.from({ length: EXAMPLES }, () => weightOf(random.uniform() - 0.5))
    super(network, weights, network.initialise(random))
  }

  static of(model: string, recurs: boolean): CountedProblem {
    return new CountedProblem(buildModel(model, { shape: SHAPE, classes: CLASSES, hiddenSizes: [5] }), recurs)
  }

  override batchTensors(batch: ImportanceBatch): readonly Tensor[] | undefined {
    return this.recurs ? super.batchTensors(batch) : undefined
  }

  override penaltyProgram(
    ...given: Parameters<ImportanceProblem['penaltyProgram']>
  ): ReturnType<ImportanceProblem['penaltyProgram']> {
    this.begun++
    return super.penaltyProgram(...given)
  }
}

type ImportanceSolver = Solver<ImportanceBatch>

function walk(
  { network }: CountedProblem,
  solver: ImportanceSolver,
  afterEach?: (batch: number) => void
): { reports: StepNumbers[]; v: Float32Array; u: Float32Array } {
  const random = new Random(11)
  const reports = SIZES.map((size, i) => {
    const batch: ImportanceBatch = {
      rows: Int32Array.from(random.permutation(EXAMPLES).subarray(0, size)),
      train: labelled(random, size),
      trusted: labelled(random, size),
      masks: network.dropoutMasks(size, i)
    }
    const result = solver.step(batch)
    for (const { x, targets } of [batch.train, batch.trusted]) for (const t of [x, targets]) t.dispose()
    for (const mask of batch.masks) mask.dispose()
    afterEach?.(i)
    if (!result.ok) throw new Error(result.divergence.sentence)
    return result.report
  })
  return { reports, v: solver.lower(), u: solver.upper.slice() }
}

const options = (lowerSteps: number): MethodSettings => ({ lowerSteps, lrUpper: 0.05, lrLower: 0.01 })

function makeSolver<B>(method: string, problem: BilevelProblem<B>, lowerSteps: number): Solver<B> {
  const common = options(lowerSteps)
  if (method === 'gd') return solverOf(problem, GRADIENT_DESCENT, common)
  if (method === 'approx-grad') {
    const linear = { linearSolver: 'adam', linearSteps: 3, lrLinear: 0.01, sigma: SIGMA } as const
    return solverOf(problem, APPROXIMATE_GRADIENT, { ...common, ...linear })
  }
  if (method === 'value-function') {
    return solverOf(problem, VALUE_FUNCTION, { ...common, gamma: 1, gammaGrowth: 1.1, gammaMax: 2 })
  }
  // The schedule advances on the way: gamma and nu change between batches.
  return solverOf(problem, PENALTY, { ...PENALTY_DEFAULTS, ...common, epsilon0: 10 })
}

const METHODS = ['penalty', 'gd', 'approx-grad', 'value-function']

/** The same problem, which does not tell the tensors of its batches. */
function withoutRecurrence<B>(problem: BilevelProblem<B>): BilevelProblem<B> {
  return new Proxy(problem, {
    get: (target, name) => {
      if (name === 'batchTensors') return undefined
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    }
  })
}

describe.each(['native', 'wasm'] as const)('one batch’s ops serve the next, on %s', (name) => {
  const there = name === 'wasm' || native

  for (const method of METHODS) {
    // Without recordings both walks are the same: the slow network tells nothing there.
    const hasSlow = name === 'native' && (isComplete || method === 'penalty')
    for (const model of hasSlow ? ['logistic', 'mlp', 'cnn'] : ['logistic', 'mlp']) {
      test.skipIf(!there)(
        `${method}, ${model}: to the bit what evaluating every batch anew gives`,
        async () => {
          await selectBackend(name)
          for (const lowerSteps of [1, FEW]) {
            const [repeating, fresh] = [CountedProblem.of(model, true), CountedProblem.of(model, false)]
            const solvers = [repeating, fresh].map((problem) => makeSolver(method, problem, lowerSteps))
            const [found, expected] = [repeating, fresh].map((problem, i) => walk(problem, solvers[i]!))
            expect(Buffer.from(found!.v.buffer).equals(Buffer.from(expected!.v.buffer))).toBe(true)
            expect(found!.u).toEqual(expected!.u)
            const numbers = ({ tensorBytes: _, ...rest }: StepNumbers): object => rest
            expect(found!.reports.map(numbers)).toEqual(expected!.reports.map(numbers))
            for (const solver of solvers) solver.dispose()
            if (method === 'penalty' && name === 'native') {
              expect([repeating.begun, fresh.begun]).toEqual([2, SIZES.length])
            }
          }
        }
      )
    }
  }

  test.skipIf(!there)('what is remembered does not grow, and goes with the solver', async () => {
    await selectBackend(name)
    const counts = (): number[] => [memory().numTensors, handles()]
    const problem = CountedProblem.of(name === 'native' ? 'cnn' : 'mlp', true)
    makeSolver('penalty', problem, 3).dispose()
    const before = counts()
    const solver = makeSolver('penalty', problem, 3)
    const after: number[][] = []
    walk(problem, solver, () => after.push(counts()))
    // Both sizes have been met by the second batch.
    for (const later of after.slice(2)) expect(later).toEqual(after[1])
    solver.dispose()
    expect(counts()).toEqual(before)
  })

  for (const method of METHODS) {
    test.skipIf(!there)(`${method}: poisons and quadratic problems too`, async () => {
      await selectBackend(name)
      const random = new Random(2)
      const network = buildModel('logistic', { shape: SHAPE, classes: CLASSES })
      const [train, validation] = [labelled(random, 6), labelled(random, 4)]
      const poisons = labelled(random, 2)
      const poisoning = new PoisoningProblem({
        network,
        trainCount: 6,
        start: Float32Array.from(poisons.x.dataSync()),
        targets: poisons.targets,
        initialLower: network.initialise(random),
        l2: 0.01,
        direction: 1,
        spareWeight: 0
      })
      const synthetic = new SyntheticProblem('difference-singular', {
        trials: 2,
        dimension: 4,
        condition: 5,
        seed: 0
      })
      const ends = <B>(problem: BilevelProblem<B>, batch: B): [number[], number[]][] =>
        [problem, withoutRecurrence(problem)].map((each) => {
          const solver = makeSolver(method, each, FEW)
          for (let i = 0; i < 4; i++) expect(solver.step(batch).ok).toBe(true)
          const end: [number[], number[]] = [[...solver.upper], [...solver.lower()]]
          solver.dispose()
          return end
        })
      for (const [found, expected] of [ends(poisoning, { train, validation }), ends(synthetic, null)]) {
        expect(found).toEqual(expected)
      }
      synthetic.dispose()
      for (const { x, targets } of [train, validation, poisons]) for (const t of [x, targets]) t.dispose()
    })
  }
})
