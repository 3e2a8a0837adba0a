import type { HyperparameterMetrics } from '../domain/hyperparameter-metrics'
import { hyperparametersSpec, MODELS } from '../domain/task-spec'
import { percent } from '../words/numbers'
import { allMethods, plain, role, share, testRole, validationRole } from './task'
import type { TaskDefinition } from './task'

export const hyperparameters: TaskDefinition<'hyperparameters'> = {
  task: 'hyperparameters',
  name: 'Tuning regularisation',
  title: 'Tune regularisation',
  text: 'Find how strongly to regularise each layer or weight, by gradients instead of trial and error.',
  icon: 'pi-sliders-h',
  schema: hyperparametersSpec,
  roles: [role('train', 'What the model is trained on.'), validationRole, testRole(false)],
  sharesClasses: true,
  models: MODELS,
  presets: [
    { name: 'Balanced', text: 'One strength for each layer.', values: { granularity: 'layer' } },
    { name: 'Thorough', text: 'One strength for each weight.', values: { granularity: 'weight' } }
  ],
  command: {
    name: 'hyperparameters',
    summary: 'tune regularisation on a validation set',
    examples: `
  bilevel hyperparameters --train "mnist#train[0:1000]" --validation "mnist#train[1000:2000]" --out tuned`
  },
  isRace: false,
  methods: allMethods,
  curves: ['extra.validationLoss'],
  qualities: ({ metrics: { validationLoss, testAccuracy } }) => [
    ...plain('validation loss, tuned', validationLoss.tuned, 'lower'),
    ...share('test accuracy, tuned', testAccuracy.tuned)
  ],
  files: [['Strengths', 'strengths.csv']],
  sentences: ({ metrics }) => tuningVerdict(metrics)
}

const EACH: Readonly<Record<HyperparameterMetrics['strengths']['granularity'], string>> = {
  layer: 'One strength a layer',
  feature: 'One strength an input feature',
  weight: 'One strength a weight'
}

/** The outcome in sentences: what tuning reached on validation, against what, and what it is worth on test. */
export function tuningVerdict(metrics: HyperparameterMetrics): string[] {
  const { validationLoss, testAccuracy, best, bestStep, strengths } = metrics
  const { unregularised, grid, tuned } = validationLoss
  if (tuned === null) return ['The run was ended before its strengths could be judged.']
  const against = [
    ...(unregularised === null ? [] : [`${loss(unregularised)} without regularisation`]),
    ...(grid === null ? [] : [`${loss(grid)} with the best single strength of a grid`])
  ]
  const sentences = [
    `${EACH[strengths.granularity]} (${strengths.count} in all), tuned by gradients: validation loss ${loss(tuned)}${against.length > 0 ? `, against ${against.join(' and ')}` : ''}.`
  ]
  if (testAccuracy.tuned !== null && testAccuracy.unregularised !== null) {
    sentences.push(
      `Test accuracy goes from ${percent(testAccuracy.unregularised)} to ${percent(testAccuracy.tuned)}${testAccuracy.grid === null ? '' : `; the single strength gives ${percent(testAccuracy.grid)}`}.`
    )
  }
  if (bestStep === 0) {
    sentences.push(
      'No strengths reached on the way did better on validation than the start, so these were kept.'
    )
  } else if (best !== null && best !== 'tuned') {
    sentences.push(
      `${best === 'grid' ? 'The best shared strength' : 'No regularisation'} did better on validation: that classifier was saved.`
    )
  }
  return sentences
}

function loss(value: number): string {
  return String(Number(value.toPrecision(3)))
}
