import * as z from 'zod'
import { readingOptions } from './reading-options'
import { common, optimisation, representation } from './task-fields'

export const fewShotSpec = z.object({
  task: z.literal('few-shot'),
  train: z.string().min(1).describe('Classes to learn the representation from.'),
  test: z.string().min(1).describe('Other classes, to measure accuracy on.'),
  ways: z.int().min(2).default(5).describe('Classes in a task.'),
  shots: z.int().positive().default(1).describe('Labelled examples of each class in a task.'),
  queries: z.int().positive().default(15).describe('Examples of each class that a task asks about.'),
  rotations: z
    .boolean()
    .default(true)
    .describe('Rotations of training images by 90 degrees count as classes of their own.'),
  start: z
    .enum(['pretrained', 'random'])
    .default('pretrained')
    .describe('Where the shared network starts: pretrained by plain classification, or random.'),
  filters: z.int().positive().default(32).describe('Filters of each convolution (the paper: 64).'),
  dropout: z.number().min(0).max(0.9).default(0).describe('Dropout after each block (the paper: 0.25).'),
  headL2: z.number().positive().optional().describe('L2 strength of the heads.'),
  metaBatch: z.int().positive().optional().describe('Tasks in one step.'),
  upperSteps: z
    .int()
    .positive()
    .optional()
    .describe('Steps on the shared network.')
    .meta({ group: 'Schedule' }),
  pretrainEpochs: z
    .int()
    .positive()
    .optional()
    .describe('Passes of plain classification over the training images.')
    .meta({ group: 'Schedule' }),
  testTasks: z.int().positive().default(1000).describe('Tasks that accuracy is measured on.'),
  ...representation,
  ...readingOptions.shape,
  imageSize: z.int().positive().default(28).describe('Resize images to this side.').meta({ group: 'Data' }),
  ...optimisation,
  model: z
    .enum(['conv4'])
    .default('conv4')
    .describe('The shared network: four blocks of convolutions.')
    .meta({ group: 'Model' }),
  ...common
})
export type FewShotSpec = z.infer<typeof fewShotSpec>
