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
  #random: Random

  constructor(
    private readonly problem: FewShotProblem,
    private readonly examples: ResidentExamples,
    private readonly sampler: EpisodeSampler,
    private readonly size: EpisodeSize,
    private readonly tasks: number,
    seed: number
  ) {
    this.#random = Random.derive(seed, 'training tasks')
  }

  next(): FewShotBatch {
    const { ways, shots, queries } = this.size
    const tasks = this.tasks
    const episodes = Array.from({ length: tasks }, () => this.sampler.next(this.#random))
    const joined = (rows: readonly Int32Array[]): number[] => rows.flatMap((each) => [...each])
    return {
      support: this.examples.features(joined(episodes.map(({ support }) => support))),
      query: this.examples.features(joined(episodes.map(({ query }) => query))),
      supportTargets: tensor2d(episodeTargets(tasks, ways, shots), [tasks * ways * shots, ways]),
      queryTargets: tensor2d(episodeTargets(tasks, ways, queries), [tasks * ways * queries, ways]),
      maskSeed: this.#random.below(2 ** 30)
    }
  }

  release(batch: FewShotBatch): void {
    this.problem.release(batch)
    for (const part of [batch.support, batch.query, batch.supportTargets, batch.queryTargets]) part.dispose()
  }

  save(): unknown {
    return { random: this.#random.state }
  }

  restore(saved: unknown): void {
    this.#random = new Random((saved as { random: RandomState }).random)
  }
}
