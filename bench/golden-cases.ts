import { METHODS, taskSpec } from '../src/shared/domain/task-spec'
import type { BackendChoice, TaskSpec } from '../src/shared/domain/task-spec'

/** One run whose numbers are to stay as they are. */
export interface GoldenCase {
  readonly name: string
  readonly spec: TaskSpec
  /** Paused on its way and continued: the same numbers are expected. */
  readonly pause: boolean
}

/** Splits of the noisy sample digits: see noisy-sample.ts. */
const digits = (dataset: string): { train: string; trusted: string; test: string; more: string } => ({
  train: `${dataset}#train[0:240]`,
  trusted: `${dataset}#checked[0:120]`,
  test: `${dataset}#test[0:150]`,
  more: `${dataset}#train[240:600]`
})

/** Each task with each method and each of its models, small; the backend is set on all of them. */
export function goldenCases(dataset: string, backend: BackendChoice): GoldenCase[] {
  const { train, trusted, test, more } = digits(dataset)
  const denoising = { task: 'denoising', train, trusted, test, epochs: 3, crossValidation: 2 }
  const poisoning = {
    task: 'poisoning',
    train,
    validation: trusted,
    test,
    count: 6,
    upperSteps: 6,
    victimSeeds: 1,
    l2: 0.005
  }
  const cleanLabel = { ...poisoning, attack: 'clean-label', count: 2, targets: 3, upperSteps: 6 }
  const fewShot = {
    task: 'few-shot',
    train: more,
    test: train,
    ways: 3,
    queries: 4,
    filters: 4,
    metaBatch: 2,
    upperSteps: 8,
    pretrainEpochs: 1,
    testTasks: 8
  }
  const tuning = { task: 'hyperparameters', train, validation: trusted, test, upperSteps: 12 }
  const synthetic = { task: 'synthetic', trials: 3, dimension: 4, upperSteps: 60 }
  const everyMethod = (name: string, base: object): [string, object][] =>
    METHODS.map((method) => [`${name} ${method}`, { ...base, method }])
  const networks = ['mlp', 'cnn'] as const
  const rows: [string, object][] = [
    ...everyMethod('denoising', denoising),
    ...networks.map((model): [string, object] => [
      `denoising ${model}`,
      { ...denoising, model, hiddenSizes: [20] }
    ]),
    ...everyMethod('untargeted', poisoning).filter(([name]) => !name.endsWith(' gd')),
    ['untargeted mlp', { ...poisoning, model: 'mlp', hiddenSizes: [20] }],
    ['targeted', { ...poisoning, attack: 'targeted', fromClass: '3', toClass: '8' }],
    ['clean-label penalty', cleanLabel],
    ['clean-label approx-grad', { ...cleanLabel, method: 'approx-grad' }],
    ...everyMethod('few-shot', fewShot).filter(([name]) => /penalty|approx|rmd/.test(name)),
    ...everyMethod('hyperparameters', tuning).filter(([name]) => !name.endsWith(' gd')),
    ['hyperparameters mlp feature', { ...tuning, model: 'mlp', hiddenSizes: [20], granularity: 'feature' }],
    ['synthetic', synthetic]
  ]
  const paused = ['denoising penalty', 'untargeted penalty', 'clean-label penalty', 'few-shot penalty']
  return rows.flatMap(([name, fields]) => {
    const spec = taskSpec.parse({ ...fields, backend, seed: 3 })
    const plain = { name: `${backend} ${name}`, spec, pause: false }
    const resumes = paused.includes(name) || name === 'hyperparameters penalty' || name === 'synthetic'
    return resumes ? [plain, { ...plain, name: `${plain.name}, paused`, pause: true }] : [plain]
  })
}
