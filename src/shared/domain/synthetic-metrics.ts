import * as z from 'zod'

/** How one method fared on one synthetic problem; distances over the trials, joint in u and v. */
export const syntheticMethodMetrics = z.object({
  /** Distance to the solution as published: projected where the paper projects. */
  error: z.object({ mean: z.number(), std: z.number(), max: z.number() }),
  /** Mean distance to the optimistic solutions: among all minimisers of g, those that serve f best. */
  optimisticError: z.number(),
  upperSteps: z.int(),
  /** Seconds of the method's own steps, all trials together. */
  seconds: z.number(),
  secondsPerStep: z.number(),
  /** Bytes of all tensors where a step holds most. */
  tensorBytes: z.number(),
  diverged: z.boolean()
})
export type SyntheticMethodMetrics = z.infer<typeof syntheticMethodMetrics>

/** How the distance of one method on one problem fell; statistics over the trials. */
export const syntheticCurve = z.object({
  problem: z.string(),
  method: z.string(),
  points: z.array(
    z.object({
      /** Steps on u. */
      step: z.int(),
      /** Of the method's own steps. */
      seconds: z.number(),
      mean: z.number(),
      std: z.number(),
      max: z.number()
    })
  )
})
export type SyntheticCurve = z.infer<typeof syntheticCurve>

export const syntheticMetrics = z.object({
  /** By problem, then by method. */
  problems: z.record(z.string(), z.record(z.string(), syntheticMethodMetrics))
})
export type SyntheticMetrics = z.infer<typeof syntheticMetrics>
