import * as z from 'zod'
import { readingOptions } from './reading-options'
import { common, optimisation } from './task-fields'

export const poisoningSpec = z.object({
  task: z.literal('poisoning'),
  attack: z
    .enum(['untargeted', 'targeted', 'clean-label'])
    .default('untargeted')
    .describe(
      'What the poisons shall do: lower the accuracy, have one class misread, or have single examples misread by poisons whose labels look right.'
    ),
  train: z.string().min(1),
  validation: z.string().min(1),
  test: z.string().min(1).optional(),
  count: z.int().positive().optional().describe('How many poisons.'),
  budgets: z
    .array(z.int().positive())
    .optional()
    .describe('Counts of a budget curve: damage against number of poisons.'),
  fromClass: z.string().optional().describe('Targeted: the class whose examples shall be misread.'),
  toClass: z.string().optional().describe('Targeted: what they shall be taken for.'),
  targets: z.int().positive().optional().describe('Clean label: how many targets to try.'),
  epsilon: z
    .number()
    .positive()
    .optional()
    .describe('Largest change of a pixel (Linf), in 0..1.')
    .meta({ symbol: 'ε' }),
  epsilonL2: z
    .number()
    .positive()
    .optional()
    .describe('Largest L2 norm of the change of an image.')
    .meta({ symbol: 'ε (L2)' }),
  beta: z
    .number()
    .nonnegative()
    .optional()
    .describe('Clean label: weight of the squared pixel distance to the base.')
    .meta({ symbol: 'β' }),
  features: z
    .string()
    .optional()
    .describe(
      'Features of a pretrained extractor, by its folder or its name in the workspace. Clean label: also an NPZ of features with the arrays train and validation, or "pixels"; by default an extractor is trained.'
    )
    .meta({ group: 'Data' }),
  exportTargets: z
    .enum(['first', 'all'])
    .default('first')
    .describe('Clean label: whose poisons go into poisoned/, those of the first target hit or of all.'),
  upperSteps: z.int().positive().optional().describe('Steps on the poisons.').meta({ group: 'Schedule' }),
  l2: z
    .number()
    .nonnegative()
    .optional()
    .describe(
      'Weight of ||v||² in the training of the classifier (logistic and mlp: 0.005, a weight decay of 0.01 as in the paper).'
    ),
  spareOthers: z
    .number()
    .nonnegative()
    .optional()
    .describe(
      'Targeted: weight of the loss on the other classes, so that the attack does not show there (1; the paper: 0).'
    ),
  victims: z.array(z.string()).optional().describe('Other models retrained on the poisoned set (transfer).'),
  victimSeeds: z.int().positive().optional().describe('Retrained victims for each interval (3).'),
  defend: z
    .boolean()
    .default(false)
    .describe(
      'Then denoise the poisoned set, the validation examples trusted, and count what was caught at what cost.'
    ),
  ...readingOptions.shape,
  ...optimisation,
  ...common
})
export type PoisoningSpec = z.infer<typeof poisoningSpec>
