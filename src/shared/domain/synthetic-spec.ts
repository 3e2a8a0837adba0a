import * as z from 'zod'
import { method } from './method'
import { common, optimisation } from './task-fields'

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
