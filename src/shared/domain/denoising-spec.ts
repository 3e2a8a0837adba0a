import * as z from 'zod'
import { readingOptions } from './reading-options'
import { common, optimisation, representation } from './task-fields'

export const denoisingSpec = z.object({
  task: z.literal('denoising'),
  train: z.string().min(1).describe('The examples whose labels are in doubt.'),
  trusted: z
    .union([z.string().min(1), z.literal(false)])
    .describe('A few examples whose labels you trust.')
    .meta({
      off: 'No trusted examples: a first look, by what classifiers say that have not seen the labels.'
    }),
  test: z.string().min(1).optional().describe('Examples to measure accuracy on.'),
  truth: z
    .string()
    .optional()
    .describe('A file of true labels; only scores the result, never trains it.')
    .meta({ group: 'Data' }),
  ...representation,
  ...readingOptions.shape,
  ...optimisation,
  pretrainEpochs: z
    .int()
    .nonnegative()
    .optional()
    .describe('Passes over the trusted set before the bilevel run starts.')
    .meta({ group: 'Schedule' }),
  heldBack: z
    .number()
    .min(0)
    .max(0.5)
    .optional()
    .describe('Share of the trusted set held back to choose the best epoch.'),
  crossValidation: z
    .int()
    .min(0)
    .max(10)
    .optional()
    .describe('Folds of cross-validated confidence beside the learned weight (0: none).'),
  threshold: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      'Flag examples whose learned weight is below this; by default the combined score decides, with a cut that follows the share of suspects.'
    ),
  missCost: z
    .number()
    .positive()
    .optional()
    .describe(
      'What a wrong label that is not flagged costs, beside 1 for a false alarm: flags are then the cheapest.'
    ),
  falseAlarmCost: z
    .number()
    .positive()
    .optional()
    .describe('What flagging a right label costs, beside 1 for a missed wrong one.'),
  momentsPerExample: z
    .boolean()
    .default(true)
    .describe(
      "Adam's moments belong to the example (true) or to the place in the batch (false, as in the authors' code)."
    ),
  corrections: z
    .record(z.string(), z.int().nonnegative())
    .optional()
    .describe('Labels that a review corrected: index in train to class.'),
  dropped: z
    .array(z.int().nonnegative())
    .optional()
    .describe('Examples that a review dropped: indices in train.'),
  startFrom: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Go on from a finished run on the same data: its output folder, whose weights and classifier are the start.'
    ),
  ...common
})
export type DenoisingSpec = z.infer<typeof denoisingSpec>
