import { MODELS, syntheticSpec } from '../domain/task-spec'
import { methodName } from '../domain/method'
import { allMethods } from './task'
import type { TaskDefinition } from './task'

export const synthetic: TaskDefinition<'synthetic'> = {
  task: 'synthetic',
  name: 'Known problems',
  title: 'Compare the methods on known problems',
  text: 'Quadratic problems whose solutions are known: see which method gets there, and which does not.',
  icon: 'pi-chart-scatter',
  schema: syntheticSpec,
  roles: [],
  sharesClasses: true,
  models: MODELS,
  presets: [
    { name: 'Balanced', text: 'All problems, all methods.', values: {} },
    { name: 'Quick look', text: 'Fewer trials and steps.', values: { trials: 5, upperSteps: 1500 } }
  ],
  command: {
    name: 'synthetic',
    summary: "the paper's problems with known solutions",
    examples: `
  bilevel synthetic --problem all --out synthetic`
  },
  isRace: true,
  methods: allMethods,
  curves: ['extra.distance'],
  qualities: () => [],
  files: [
    ['Curves', 'errors.csv'],
    ['Picture', 'picture.svg']
  ],
  sentences: ({ metrics: { problems } }) =>
    Object.entries(problems).map(([problem, methods]) => {
      const arrived = Object.entries(methods).filter(([, { diverged }]) => !diverged)
      const [nearest] = arrived.sort(([, a], [, b]) => a.error.mean - b.error.mean)
      if (!nearest) return `${problem}: every method diverged.`
      const [method, { error }] = nearest
      return `${problem}: ${methodName(method)} came nearest to the solution, at ${Number(error.mean.toPrecision(3))}.`
    })
}
