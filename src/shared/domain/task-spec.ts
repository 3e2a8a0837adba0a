import { z } from 'zod'
import { method } from './method'
import { pin } from './pin'
import { readingOptions } from './reading-options'

export { METHODS } from './method'
export type { Method } from './method'

/**
 * What a run does, as data. The command line, spec.yaml, the window's form and the training process all use
 * these schemas; the descriptions are the texts that the form and `--help` show.
 */

export const MODELS = ['logistic', 'mlp', 'cnn', 'cifar-cnn', 'svhn-cnn'] as const
export const backendChoice = z.enum(['auto', 'native', 'wasm'])
export type BackendChoice = z.infer<typeof backendChoice>

/** Fields that every task has. `optional` means: the task chooses a default that suits its model and data. */
const common = {
  seed: z
    .int()
    .nonnegative()
    .default(0)
    .describe('Same seed, same backend: same numbers.')
    .meta({ group: 'Machine' }),
  backend: backendChoice
    .default('auto')
    .describe('auto takes native GPU, then native CPU, then WebAssembly.')
    .meta({ group: 'Machine' }),
  maxSeconds: z
    .number()
    .positive()
    .optional()
    .describe('End the run after this many seconds with the best result so far.')
    .meta({ group: 'Machine' }),
  pins: z
    .array(pin)
    .optional()
    .describe('What the names of the data stood for when the run was created; written by the workbench.')
}

/** Options of the penalty method; names as in the paper (Mehra and Hamm 2021, Algorithm 1). */
export const penaltyOptions = z.object({
  gamma: z
    .number()
    .positive()
    .optional()
    .describe(
      'Initial penalty weight gamma on ||grad_v g||²: larger follows the lower problem more strictly.'
    )
    .meta({ group: 'Penalty method', symbol: 'γ' }),
  lambda: z
    .number()
    .nonnegative()
    .optional()
    .describe('Initial weight lambda of g itself: keeps v at a minimum, not a saddle.')
    .meta({ group: 'Penalty method', symbol: 'λ' }),
  epsilon0: z
    .number()
    .positive()
    .optional()
    .describe('Initial tolerance eps: when both gradients are smaller, the schedule takes its next step.')
    .meta({ group: 'Penalty method', symbol: 'ε₀' }),
  nu: z
    .number()
    .optional()
    .describe('Initial multiplier nu of the stationarity condition grad_v g = 0.')
    .meta({ group: 'Penalty method', symbol: 'ν' }),
  cGamma: z
    .number()
    .positive()
    .optional()
    .describe('Factor on gamma at each step of the schedule (1.1).')
    .meta({ group: 'Penalty method', symbol: 'c_γ' }),
  cLambda: z
    .number()
    .positive()
    .optional()
    .describe('Factor on lambda at each step of the schedule (0.9).')
    .meta({ group: 'Penalty method', symbol: 'c_λ' }),
  cEpsilon: z
    .number()
    .positive()
    .optional()
    .describe('Factor on eps at each step of the schedule (0.9).')
    .meta({ group: 'Penalty method', symbol: 'c_ε' }),
  lrDecay: z
    .number()
    .positive()
    .max(1)
    .optional()
    .describe('Factor on both learning rates at each step of the schedule (1: none; the authors use 0.9).')
    .meta({ group: 'Penalty method' })
})
export type PenaltyOptions = z.infer<typeof penaltyOptions>

const optimisation = {
  method: method.default('penalty').describe('How the bilevel problem is solved.').meta({ group: 'Model' }),
  model: z
    .string()
    .default('logistic')
    .describe('The classifier: logistic, mlp, cnn, cifar-cnn or svhn-cnn.')
    .meta({ group: 'Model', suggested: MODELS }),
  hiddenSizes: z
    .array(z.int().positive())
    .optional()
    .describe('Sizes of the hidden layers of mlp (default 300).')
    .meta({ group: 'Model' }),
  epochs: z
    .int()
    .positive()
    .optional()
    .describe('Passes over the training data.')
    .meta({ group: 'Schedule' }),
  lowerSteps: z
    .int()
    .positive()
    .optional()
    .describe('T: steps on the classifier v for each step on u.')
    .meta({ group: 'Schedule', symbol: 'T' }),
  batchSize: z.int().positive().optional().describe('Examples in one step.').meta({ group: 'Schedule' }),
  lrUpper: z
    .number()
    .positive()
    .optional()
    .describe('Learning rate of u.')
    .meta({ group: 'Schedule', symbol: 'step size of u' }),
  lrLower: z
    .number()
    .positive()
    .optional()
    .describe('Learning rate of v.')
    .meta({ group: 'Schedule', symbol: 'step size of v' }),
  linearSolver: z
    .enum(['adam', 'cg'])
    .optional()
    .describe(
      'approx-grad: how the linear system is solved (Adam as the authors do, or conjugate gradients).'
    )
    .meta({ group: 'Model' }),
  ...penaltyOptions.shape
}

/** What the data are trained as. */
const representation = {
  features: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Train on features of a pretrained extractor, for photographs and texts: its folder, or its name in the workspace.'
    )
    .meta({ group: 'Data' })
}

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

export const SYNTHETIC_PROBLEMS = ['sum', 'difference', 'sum-singular', 'difference-singular'] as const
export type SyntheticProblemName = (typeof SYNTHETIC_PROBLEMS)[number]

export const syntheticSpec = z.object({
  task: z.literal('synthetic'),
  problem: z
    .enum(['all', ...SYNTHETIC_PROBLEMS])
    .default('all')
    .describe('Which quadratic problem; the singular ones have lower minimisers that are not unique.'),
  methods: z
    .array(method)
    .min(1)
    .optional()
    .describe('The methods to race; all of them unless --method names one other than penalty.'),
  trials: z.int().positive().default(20).describe('Random starts (and matrices) of each problem.'),
  dimension: z
    .int()
    .min(2)
    .default(10)
    .describe("Size of a block; as in the authors' code u and v have two blocks each."),
  condition: z
    .number()
    .min(1)
    .default(5)
    .describe("Singular problems: largest over smallest nonzero eigenvalue of A'A."),
  upperSteps: z
    .int()
    .positive()
    .optional()
    .describe('Steps on u (default 4000).')
    .meta({ group: 'Schedule' }),
  ...optimisation,
  ...common
})
export type SyntheticSpec = z.infer<typeof syntheticSpec>

export const taskSpec = z.discriminatedUnion('task', [
  denoisingSpec,
  poisoningSpec,
  fewShotSpec,
  hyperparametersSpec,
  syntheticSpec
])
export type TaskSpec = z.infer<typeof taskSpec>
export type TaskName = TaskSpec['task']
