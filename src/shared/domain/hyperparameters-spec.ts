import * as z from 'zod'
import { readingOptions } from './reading-options'
import { common, optimisation, representation } from './task-fields'

export const hyperparametersSpec = z.object({
  task: z.literal('hyperparameters'),
  train: z.string().min(1),
  validation: z.string().min(1),
  test: z.string().min(1).optional(),
  granularity: z
    .enum(['layer', 'feature', 'weight'])
    .default('layer')
    .describe('One L2 strength a layer, one an input feature (and one a layer above), or one a weight.'),
  initialStrength: z
    .number()
    .positive()
    .optional()
    .describe('Where every strength starts; by default the best shared one of the grid search.'),
  upperSteps: z.int().positive().optional().describe('Steps on the strengths.').meta({ group: 'Schedule' }),
  ...representation,
  ...readingOptions.shape,
  ...optimisation,
  ...common
})
export type HyperparametersSpec = z.infer<typeof hyperparametersSpec>
