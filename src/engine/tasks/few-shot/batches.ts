import { tensor2d } from '@tensorflow/tfjs-core'
import { Random } from '../../../shared/numerics/random'
import type { RandomState } from '../../../shared/numerics/random'
import type { BatchStream } from '../shared/bilevel-loop'
import { episodeTargets } from './episodes'
import type { EpisodeSampler, EpisodeSize } from './episodes'
import type { FewShotBatch, FewShotProblem } from './problem'
import type { ResidentExamples } from '../shared/resident-examples'

/** Meta-batches drawn at random from the training classes. */
export class FewShotBatches implements BatchStream<FewShotBatch> {
  readonly #problem: FewShotProblem
  readonly #examples: ResidentExamples
  readonly #sampler: EpisodeSampler
  readonly #size: EpisodeSize
  readonly #tasks: number
  #random: Random

  constructor(
    problem: FewShotProblem,
    examples: ResidentExamples,
    sampler: EpisodeSampler,
    size: EpisodeSize,
    tasks: number,
    seed: number
  ) {
    this.#problem = problem
    this.#examples = examples
    this.#sampler = sampler
    this.#size = size
    this.#tasks = tasks
    this.#random = Random.derive(seed, 'training tasks')
  }

  next(): FewShotBatch {
    const { ways, shots, queries } = this.#size
    const tasks = this.#tasks
    const episodes = Array.from({ length: tasks }, () => this.#sampler.next(this.#random))
    const joined = (rows: readonly Int32Array[]): number[] => rows.flatMap((each) => [...each])
    return {
      support: this.#examples.features(joined(episodes.map(({ support }) => support))),
      query: this.#examples.features(joined(episodes.map(({ query }) => query))),
      supportTargets: tensor2d(episodeTargets(tasks, ways, shots), [tasks * ways * shots, ways]),
      queryTargets: tensor2d(episodeTargets(tasks, ways, queries), [tasks * ways * queries, ways]),
      maskSeed: this.#random.below(2 ** 30)
    }
  }

  release(batch: FewShotBatch): void {
    this.#problem.release(batch)
    for (const part of [batch.support, batch.query, batch.supportTargets, batch.queryTargets]) part.dispose()
  }

  save(): unknown {
    return { random: this.#random.state }
  }

  restore(saved: unknown): void {
    this.#random = new Random((saved as { random: RandomState }).random)
  }
}
