import type { FewShotMetrics, MeanOverTasks } from '../domain/few-shot-metrics'
import { fewShotSpec } from '../domain/task-spec'
import type { FewShotSpec } from '../domain/task-spec'
import { percent } from '../words/numbers'
import { allMethods, role, share, testRole } from './task'
import type { TaskDefinition } from './task'

export const fewShot: TaskDefinition<'few-shot'> = {
  task: 'few-shot',
  name: 'Few-shot learning',
  title: 'Learn from few examples',
  text: 'Learn a representation with which new classes are told apart from one or five examples each.',
  icon: 'pi-clone',
  schema: fewShotSpec,
  roles: [role('train', 'Classes to learn the representation from.'), testRole(true)],
  // Tested on classes that training does not know.
  sharesClasses: false,
  models: fewShotSpec.shape.model.unwrap().options,
  presets: [
    {
      name: 'Quick look',
      text: 'Few steps, to see that the data fit.',
      values: { upperSteps: 100, testTasks: 200 }
    },
    { name: 'Balanced', text: 'The settings of the experiments in the documentation.', values: {} }
  ],
  command: {
    name: 'few-shot',
    summary: 'learn a shared representation, report accuracy over test tasks',
    examples: `
  bilevel few-shot --train alphabets.zip --test others.zip --ways 5 --shots 1 --out shots`
  },
  isRace: false,
  methods: allMethods,
  curves: ['extra.accuracy'],
  qualities: ({ metrics: { accuracy, gain } }) => [
    ...share('accuracy on unseen classes', accuracy.mean),
    ...share('gain over pretrained features', gain.overPretrained.mean)
  ],
  files: [['Test tasks', 'episodes.json']],
  sentences: ({ metrics, spec }) => fewShotVerdict(metrics, spec)
}

/** The outcome in sentences: accuracy against guessing, and whether the bilevel steps gained anything. */
export function fewShotVerdict(metrics: FewShotMetrics, { ways, shots }: FewShotSpec): string[] {
  const { accuracy, gain } = metrics
  const [low, high] = accuracy.interval
  const examples = shots === 1 ? 'one example each' : `${shots} examples each`
  return [
    `From ${examples}, ${ways} classes never seen before are told apart with ${percent(accuracy.mean)} accuracy (95 % interval ${percent(low)} to ${percent(high)}, ${accuracy.tasks} tasks); guessing gives ${percent(1 / ways, 0)}.`,
    gained('pretraining by plain classification', gain.overPretrained),
    gained('random features', gain.overRandom)
  ]
}

function gained(over: string, { mean, interval: [low, high] }: MeanOverTasks): string {
  const points = (share: number): string => (100 * share).toFixed(1).replace('-', '−')
  const range = `${points(low)} to ${points(high)} points, task by task`
  if (low > 0) return `Over ${over} it gains ${points(mean)} points (${range}).`
  if (high < 0) return `It is ${points(-mean)} points worse than ${over} (${range}).`
  return `It cannot be told from ${over} (${range}).`
}
