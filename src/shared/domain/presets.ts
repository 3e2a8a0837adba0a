import type { TaskName } from './task-spec'

/** A choice of settings by what a person wants of a run, not by symbols. */
export interface Preset {
  readonly name: string
  readonly text: string
  /** Fields of the task's spec; all others keep their defaults. */
  readonly values: Readonly<Record<string, unknown>>
}

/** The balanced ones are the defaults; the others trade time against how much is found. */
export const PRESETS: Readonly<Record<TaskName, readonly Preset[]>> = {
  denoising: [
    {
      name: 'Quick look',
      // Not a linear model: with few trusted examples it fits them whatever the weights are, and learns little.
      text: 'A small neural network, few passes, no cross-validation: seconds to a minute.',
      values: { model: 'mlp', epochs: 15, crossValidation: 0 }
    },
    {
      name: 'Balanced',
      text: 'A small neural network with all evidence: the usual choice.',
      values: { model: 'mlp' }
    },
    {
      name: 'Thorough',
      text: 'A convolutional network, for images: much slower, best on pictures.',
      values: { model: 'cnn', crossValidation: 3 }
    }
  ],
  poisoning: [
    { name: 'Quick look', text: 'Few steps, one victim.', values: { upperSteps: 30, victimSeeds: 1 } },
    { name: 'Balanced', text: 'The settings of the experiments in the documentation.', values: {} },
    { name: 'Thorough', text: 'More retrained victims, for narrower intervals.', values: { victimSeeds: 5 } }
  ],
  'few-shot': [
    {
      name: 'Quick look',
      text: 'Few steps, to see that the data fit.',
      values: { upperSteps: 100, testTasks: 200 }
    },
    { name: 'Balanced', text: 'The settings of the experiments in the documentation.', values: {} }
  ],
  hyperparameters: [
    { name: 'Balanced', text: 'One strength for each layer.', values: { granularity: 'layer' } },
    { name: 'Thorough', text: 'One strength for each weight.', values: { granularity: 'weight' } }
  ],
  synthetic: [
    { name: 'Balanced', text: 'All problems, all methods.', values: {} },
    { name: 'Quick look', text: 'Fewer trials and steps.', values: { trials: 5, upperSteps: 1500 } }
  ]
}
