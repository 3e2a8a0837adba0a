import * as z from 'zod'
import { method } from './method'
import { pin } from './pin'

export const MODELS = ['logistic', 'mlp', 'cnn', 'cifar-cnn', 'svhn-cnn'] as const
export const backendChoice = z.enum(['auto', 'native', 'wasm'])
export type BackendChoice = z.infer<typeof backendChoice>

/** Fields that every task has. `optional` means: the task chooses a default that suits its model and data. */
export const common = {
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
    .describe(
      'End the run after about this many seconds, with the best result so far. What judges labels goes first, learning gets what is left. Features that are not computed yet are computed all the same, and kept for later runs.'
    )
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

/** How a bilevel problem is solved. */
export const optimisation = {
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
export const representation = {
  features: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Train on features of a pretrained extractor, for photographs and texts: its folder, or its name in the workspace.'
    )
    .meta({ group: 'Data' })
}
