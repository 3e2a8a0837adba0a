import { readdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { backend, tensor } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { diagnoseBackends, selectBackend } from '@engine/backends'
import { APPROXIMATE_GRADIENT, SIGMA } from '@engine/bilevel/methods/approximate-gradient'
import { GRADIENT_DESCENT } from '@engine/bilevel/methods/gradient-descent'
import { PENALTY_DEFAULTS, PENALTY } from '@engine/bilevel/methods/penalty'
import type { BilevelProblem } from '@engine/bilevel/problem'
import type { Solver } from '@engine/bilevel/solver'
import { VALUE_FUNCTION } from '@engine/bilevel/methods/value-function'
import { solverOf } from '@engine/bilevel/solver'
import { buildModel } from '@engine/models/classifier'
import { oneHot } from '@engine/models/one-hot'
import { ImportanceProblem, weightOf } from '@engine/tasks/denoising/importance-problem'
import type { ImportanceBatch } from '@engine/tasks/denoising/importance-problem'
import { PoisoningProblem } from '@engine/tasks/poisoning/problem'
import type { LabelledBatch } from '@engine/tasks/shared/resident-examples'
import { SyntheticProblem } from '@engine/tasks/synthetic/problem'
import { Random } from '@shared/numerics/random'
import { isComplete } from '@support/complete'

const SHAPE = [12, 12, 1]
const CLASSES = 3
const EXAMPLES = 12
const SIZES = [6, 4, 6, 4]
const STEPS = 9

interface Binding {
  getNumOfSavedModels(): number
  getNumOfTensors(): number
  loadSavedModel(folder: string, tags: string): number
}

const findings = await diagnoseBackends()
const native = findings.some(({ name, available }) => name.startsWith('native') && available)

function binding(): Binding {
  return (backend() as unknown as { binding: Binding }).binding
}

const graphFolders = (): string[] =>
  readdirSync(os.tmpdir()).filter((name) => name.startsWith('bilevel-graph-'))

function labelled(random: Random, count: number): LabelledBatch {
  const values = Array.from({ length: count * 144 }, () => random.uniform())
  const labels = Array.from({ length: count }, () => random.below(CLASSES))
  return { x: tensor(values, [count, ...SHAPE]), targets: oneHot(labels, CLASSES) }
}

const MAKERS = {
  // The schedule advances on the way: gamma and nu change between batches.
  penalty: (problem, lowerSteps) =>
    solverOf(problem, PENALTY, { ...PENALTY_DEFAULTS, ...rates, lowerSteps, epsilon0: 10 }),
  gd: (problem, lowerSteps) => solverOf(problem, GRADIENT_DESCENT, { ...rates, lowerSteps }),
  'approx-grad': (problem, lowerSteps) => {
    const linear = { linearSolver: 'adam', linearSteps: 3, lrLinear: 0.01, sigma: SIGMA } as const
    return solverOf(problem, APPROXIMATE_GRADIENT, { ...rates, lowerSteps, ...linear })
  },
  'value-function': (problem, lowerSteps) =>
    solverOf(problem, VALUE_FUNCTION, { ...rates, lowerSteps, gamma: 1, gammaGrowth: 1.1, gammaMax: 2 })
} satisfies Record<string, <B>(problem: BilevelProblem<B>, lowerSteps: number) => Solver<B>>

const rates = { lrUpper: 0.05, lrLower: 0.01 }
type Method = keyof typeof MAKERS

/** The same problem, which does not tell the tensors of its batches: every batch is evaluated anew, op by op. */
function opByOp<B>(problem: BilevelProblem<B>): BilevelProblem<B> {
  return new Proxy(problem, {
    get: (target, name) => {
      if (name === 'batchTensors') return undefined
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    }
  })
}

interface End {
  readonly u: number[]
  readonly v: number[]
  readonly numbers: number[]
  readonly models: number
}

function walk<B>(solver: Solver<B>, batches: readonly B[]): End {
  const numbers = batches.flatMap((batch) => {
    const result = solver.step(batch)
    if (!result.ok) throw new Error(result.divergence.sentence)
    const { f, g, gradNormG, gradNormLower, gradNormUpper } = result.report
    return [f, g, gradNormG, gradNormLower, gradNormUpper]
  })
  const end = {
    u: [...solver.upper],
    v: [...solver.lower()],
    numbers,
    models: binding().getNumOfSavedModels()
  }
  solver.dispose()
  return end
}

function importance(model: string): {
  problem: ImportanceProblem
  batches: ImportanceBatch[]
  dispose(): void
} {
  const network = buildModel(model, { shape: SHAPE, classes: CLASSES, hiddenSizes: [5] })
  const random = new Random(5)
  const weights = Float32Array.from({ length: EXAMPLES }, () => weightOf(random.uniform() - 0.5))
  const batches = SIZES.map((size, i) => ({
    rows: Int32Array.from(random.permutation(EXAMPLES).subarray(0, size)),
    train: labelled(random, size),
    trusted: labelled(random, size),
    masks: network.dropoutMasks(size, i)
  }))
  const tensors = (): Tensor[] =>
    batches.flatMap(({ train, trusted, masks }) => [
      ...[train, trusted].flatMap(({ x, targets }) => [x, targets]),
      ...masks
    ])
  return {
    problem: new ImportanceProblem(network, weights, network.initialise(random)),
    batches,
    dispose: () => tensors().forEach((each) => each.dispose())
  }
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  const size = Math.sqrt(expected.reduce((sum, value) => sum + value ** 2, 0))
  const off = Math.sqrt(expected.reduce((sum, value, i) => sum + (value - found[i]!) ** 2, 0))
  expect(off / size).toBeLessThan(1e-4)
}

/**
 * Compiled and op by op.
 * @returns what the compiled steps give
 */
function compare<B>(method: Method, problem: BilevelProblem<B>, batches: readonly B[], models: number): End {
  const before = binding().getNumOfSavedModels()
  const make = MAKERS[method]
  const once = walk(make(problem, STEPS), batches)
  const plain = walk(make(opByOp(problem), STEPS), batches)
  expect([once.models, plain.models].map((count) => count - before)).toEqual([models, 0])
  for (const part of ['u', 'v', 'numbers'] as const) expectClose(once[part], plain[part])
  expect(binding().getNumOfSavedModels()).toBe(before)
  return once
}

describe.skipIf(!native)('a batch’s steps as one piece of compiled code', () => {
  let folders: string[]
  beforeAll(async () => {
    await selectBackend('native')
    folders = graphFolders()
  })
  afterAll(() => expect(graphFolders().filter((name) => !folders.includes(name))).toEqual([]))

  for (const method of Object.keys(MAKERS) as Method[]) {
    // Compiling is what takes the time: a network without hidden layers by Penalty alone, other problems
    // by that and by the method of two descents.
    const isAllOver = isComplete || method === 'penalty'
    for (const model of isAllOver ? ['logistic', 'mlp'] : ['mlp']) {
      // Again where there are hidden layers; by one method also for another size of batch.
      const isDeep = model === 'mlp'
      const isTwice = isDeep && isAllOver
      test(`${method}, ${model}: what the ops one by one give${isTwice ? ', and twice the same to the bit' : ''}`, () => {
        const { problem, batches, dispose } = importance(model)
        // The value-function method has a second descent, of g alone.
        const descents = method === 'value-function' ? 2 : 1
        const isOfTwoSizes = isDeep && method === 'penalty'
        const walked = isOfTwoSizes ? batches : batches.filter((_, i) => SIZES[i] === SIZES[0])
        const once = compare(method, problem, walked, descents * (isOfTwoSizes ? new Set(SIZES).size : 1))
        if (isTwice) expect(walk(MAKERS[method](problem, STEPS), walked)).toEqual(once)
        dispose()
      })
    }

    test.runIf(isAllOver || method === 'value-function')(
      `${method}: poisons, and problems with known solutions`,
      () => {
        const random = new Random(2)
        const network = buildModel('mlp', { shape: SHAPE, classes: CLASSES, hiddenSizes: [4] })
        const [train, validation, poisons] = [6, 4, 2].map((count) =>
          labelled(random, count)
        ) as LabelledBatch[]
        const poisoning = new PoisoningProblem({
          network,
          trainCount: 6,
          start: Float32Array.from(poisons!.x.dataSync()),
          targets: poisons!.targets,
          initialLower: network.initialise(random),
          l2: 0.01,
          direction: 1,
          spareWeight: 0
        })
        const batch = { train: train!, validation: validation! }
        compare(method, poisoning, [batch, batch], method === 'value-function' ? 2 : 1)
        const about = { trials: 2, dimension: 4, condition: 5, seed: 0 }
        const synthetic = new SyntheticProblem('difference-singular', about)
        compare(method, synthetic, [null, null], method === 'value-function' ? 2 : 1)
        synthetic.dispose()
        for (const { x, targets } of [train!, validation!, poisons!])
          for (const t of [x, targets]) t.dispose()
      }
    )
  }

  test('convolutions stay with TensorFlow’s own kernels', () => {
    const { problem, batches, dispose } = importance('cnn')
    const before = binding().getNumOfSavedModels()
    expect(walk(MAKERS.penalty(problem, STEPS), batches).models).toBe(before)
    dispose()
  })

  test('nothing is left behind, and memory does not grow with the batches', () => {
    const { problem, batches, dispose } = importance('logistic')
    walk(MAKERS.penalty(problem, STEPS), batches)
    const before = binding().getNumOfTensors()
    const solver = MAKERS.penalty(problem, STEPS)
    const after = [...batches, ...batches].map((batch) => {
      solver.step(batch)
      return binding().getNumOfTensors()
    })
    expect(new Set(after.slice(1)).size).toBe(1)
    solver.dispose()
    expect(binding().getNumOfTensors()).toBe(before)
    dispose()
  })

  test('a folder for temporary files that cannot be written ends the run: other digits are not an answer', () => {
    const { problem, batches: all, dispose } = importance('mlp')
    const batches = all.slice(0, 1)
    const { TMPDIR } = process.env
    process.env['TMPDIR'] = path.join(os.tmpdir(), 'bilevel-is-not-there')
    try {
      const message = expect.stringMatching(/folder for temporary files, .*bilevel-is-not-there/) as string
      expect(() => walk(MAKERS.penalty(problem, STEPS), batches)).toThrow(
        expect.objectContaining({ code: 'refused', message }) as Error
      )
    } finally {
      if (TMPDIR === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = TMPDIR
    }
    expect(walk(MAKERS.penalty(problem, STEPS), batches).models).toBeGreaterThan(0)
    dispose()
  })

  // The last, since from then on nothing is compiled.
  test('a TensorFlow that cannot compile runs the ops one by one', () => {
    const { problem, batches, dispose } = importance('mlp')
    const expected = walk(MAKERS.penalty(opByOp(problem), STEPS), batches)
    const held = backend() as unknown as { binding: Binding }
    const real = held.binding
    let asked = 0
    const refuse = (): never => {
      asked++
      throw new Error('Op type not registered')
    }
    held.binding = Object.create(real, { loadSavedModel: { value: refuse } }) as Binding
    try {
      expect(walk(MAKERS.penalty(problem, STEPS), batches)).toEqual(expected)
      expect(asked).toBe(1)
    } finally {
      held.binding = real
    }
    dispose()
  })
})
