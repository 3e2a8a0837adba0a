import { tensor } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import type { Network } from '@engine/models/network'
import { oneHot } from '@engine/models/one-hot'
import { ImportanceProblem, weightOf } from '@engine/tasks/denoising/importance-problem'
import type { ImportanceBatch } from '@engine/tasks/denoising/importance-problem'
import { CLASSES, dataOf } from './step-cases'
import type { StepCase } from './step-cases'

/**
 * Milliseconds. On one core the processor's time tells more than the clock: others may be using the machine.
 */
export function now(): number {
  if (process.env['BILEVEL_BENCH_CLOCK'] !== 'cpu') return performance.now()
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** The denoising problem of a case, and its one batch on the device. */
export function stepProblem(
  stepCase: StepCase,
  network: Network
): { problem: ImportanceProblem; batch: ImportanceBatch } {
  const data = dataOf(stepCase, network)
  const { batch: count } = stepCase
  const features = (values: Float32Array): Tensor => tensor(values, [count, ...stepCase.shape])
  const targets = oneHot(
    Array.from({ length: count }, (_, i) => i % CLASSES),
    CLASSES
  )
  return {
    problem: new ImportanceProblem(network, data.u.map(weightOf), data.parameters),
    batch: {
      rows: Int32Array.from({ length: count }, (_, i) => i),
      train: { x: features(data.train), targets },
      trusted: { x: features(data.trusted), targets },
      masks: network.dropoutMasks(count, 11)
    }
  }
}
