import * as z from 'zod'
import { syntheticCurve } from '../domain/synthetic-metrics'
import { procedure } from './base'

export const synthetic = {
  /** Distances to the known solutions over steps and time, problem by problem, method by method. */
  curves: procedure.input(z.object({ run: z.string() })).output(z.array(syntheticCurve))
}
