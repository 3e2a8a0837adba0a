import type { Network } from '../../models/network'
import type { ResidentExamples } from '../shared/resident-examples'
import type { Checkpoint } from '../shared/task-run'
import type { Episode, EpisodeSize } from './episodes'
import { chooseL2, featureTable } from './evaluation'

interface Best {
  readonly step: number
  readonly accuracy: number
  readonly parameters: Float32Array
}

/** Tasks of training classes held back: they choose the best step, and the strength of the heads. */
export class HeldBackTasks {
  readonly checks: { step: number; accuracy: number }[] = []
  #best: Best

  constructor(
    private readonly network: Network,
    private readonly examples: ResidentExamples,
    private readonly tasks: readonly Episode[],
    private readonly size: EpisodeSize,
    start: Float32Array
  ) {
    this.#best = { step: 0, accuracy: -1, parameters: start }
  }

  get best(): Best {
    return this.#best
  }

  /** The strength of L2 that serves heads on this representation best, and the accuracy with it. */
  chooseL2(parameters: Float32Array): { l2: number; accuracy: number } {
    return chooseL2(featureTable(this.network, parameters, this.examples), this.tasks, this.size)
  }

  /** @param parameters after `step` upper steps @returns their accuracy */
  check(step: number, parameters: Float32Array): number {
    const { accuracy } = this.chooseL2(parameters)
    this.checks.push({ step, accuracy })
    if (accuracy > this.#best.accuracy) this.#best = { step, accuracy, parameters: parameters.slice() }
    return accuracy
  }

  save(): Pick<Checkpoint, 'json' | 'arrays'> {
    const { step, accuracy, parameters } = this.#best
    return { json: { checks: this.checks, best: { step, accuracy } }, arrays: { best: parameters } }
  }

  restore({ json, arrays }: Checkpoint): void {
    const saved = json['best'] as { step: number; accuracy: number }
    this.#best = { ...saved, parameters: Float32Array.from(arrays['best'] as Float32Array) }
    this.checks.push(...(json['checks'] as typeof this.checks))
  }
}
