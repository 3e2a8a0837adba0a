import type { z } from 'zod'
import { ROLE_TITLES } from '@shared/domain/field-titles'
import type { RoleField } from '@shared/domain/field-titles'
import {
  denoisingSpec,
  fewShotSpec,
  hyperparametersSpec,
  poisoningSpec,
  syntheticSpec
} from '@shared/domain/task-spec'
import type { TaskName } from '@shared/domain/task-spec'

/** A role of data in a task. */
export interface DataRole {
  readonly field: RoleField
  readonly title: string
  readonly text: string
  readonly needed: boolean
}

export interface TaskCard {
  readonly task: TaskName
  readonly title: string
  readonly text: string
  readonly icon: string
  readonly schema: z.ZodObject
  readonly roles: readonly DataRole[]
}

const train = (text: string): DataRole => ({
  field: 'train',
  title: ROLE_TITLES.train,
  text,
  needed: true
})
const validation: DataRole = {
  field: 'validation',
  title: ROLE_TITLES.validation,
  text: 'Clean examples that the outcome is judged on while the run learns.',
  needed: true
}
const test = (needed: boolean): DataRole => ({
  field: 'test',
  title: ROLE_TITLES.test,
  text: 'Examples that nothing is learned from: they measure the result.',
  needed
})

/** What the workbench can do, in the order in which people need it. */
export const TASK_CARDS: readonly TaskCard[] = [
  {
    task: 'denoising',
    title: 'Find wrong labels',
    text: 'Learn how much each label can be trusted, from a few that you vouch for; get a cleaned dataset.',
    icon: 'pi-search',
    schema: denoisingSpec,
    roles: [
      train('The examples whose labels are in doubt.'),
      {
        field: 'trusted',
        title: ROLE_TITLES.trusted,
        text: 'A few examples whose labels are right: those you marked, or a split.',
        needed: true
      },
      test(false)
    ]
  },
  {
    task: 'poisoning',
    title: 'Test robustness with poisoned examples',
    text: 'Craft training examples that do the most damage, and see how much your training pipeline suffers.',
    icon: 'pi-exclamation-triangle',
    schema: poisoningSpec,
    roles: [train('What the victim is trained on; poisons are added to a copy.'), validation, test(false)]
  },
  {
    task: 'few-shot',
    title: 'Learn from few examples',
    text: 'Learn a representation with which new classes are told apart from one or five examples each.',
    icon: 'pi-clone',
    schema: fewShotSpec,
    roles: [train('Classes to learn the representation from.'), test(true)]
  },
  {
    task: 'hyperparameters',
    title: 'Tune regularisation',
    text: 'Find how strongly to regularise each layer or weight, by gradients instead of trial and error.',
    icon: 'pi-sliders-h',
    schema: hyperparametersSpec,
    roles: [train('What the model is trained on.'), validation, test(false)]
  },
  {
    task: 'synthetic',
    title: 'Compare the methods on known problems',
    text: 'Quadratic problems whose solutions are known: see which method gets there, and which does not.',
    icon: 'pi-chart-scatter',
    schema: syntheticSpec,
    roles: []
  }
]
