import { matMul, tensor1d, tensor2d, tensor3d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { Network } from '../../models/network'
import { argMaxRows } from '../shared/classifier-training'
import { episodeTargets } from './episodes'
import type { Episode, EpisodeSize } from './episodes'
import { FeaturesOfOneLength } from './feature-length'
import { fitHeads } from '../../numerics/linear-heads'
import type { ResidentExamples } from '../shared/resident-examples'

/** Features of all examples of a source, of length 1, with the constant of {@link LinearHeads} beside them. */
export interface FeatureTable {
  /** [examples, width] */
  readonly values: Float32Array
  readonly width: number
}

const CHUNK = 250
/** Tasks whose heads are fitted at once. */
const TASKS_AT_ONCE = 100

export function featureTable(
  network: Network,
  parameters: Float32Array,
  examples: ResidentExamples
): FeatureTable {
  const width = network.outputSize + 1
  const values = new Float32Array(examples.count * width).fill(1)
  const u = tensor1d(parameters)
  for (let from = 0; from < examples.count; from += CHUNK) {
    const rows = Int32Array.from({ length: Math.min(CHUNK, examples.count - from) }, (_, i) => from + i)
    const features = tidy(() => {
      const { output } = network.forward(u, examples.features(rows))
      return new FeaturesOfOneLength(output as Tensor2D, 1).value.dataSync()
    })
    rows.forEach((row, i) =>
      values.set(features.subarray(i * (width - 1), (i + 1) * (width - 1)), row * width)
    )
  }
  u.dispose()
  return { values, width }
}

export interface EpisodeScores {
  /** Share of right answers, one a task. */
  readonly accuracies: Float64Array
  /** Way predicted for each query, [tasks][ways * queries] */
  readonly predicted: readonly Int32Array[]
}

/** Fit heads from scratch on each task's support set and ask them about its queries. */
export function scoreEpisodes(
  { values, width }: FeatureTable,
  episodes: readonly Episode[],
  size: EpisodeSize,
  l2: number
): EpisodeScores {
  const { ways, shots, queries } = size
  const accuracies = new Float64Array(episodes.length)
  const predicted: Int32Array[] = []
  const gather = (rows: readonly Int32Array[]): Float32Array => {
    const out = new Float32Array(rows.reduce((count, each) => count + each.length, 0) * width)
    let at = 0
    for (const each of rows) {
      for (const row of each) out.set(values.subarray(row * width, (row + 1) * width), width * at++)
    }
    return out
  }
  for (let from = 0; from < episodes.length; from += TASKS_AT_ONCE) {
    const part = episodes.slice(from, from + TASKS_AT_ONCE)
    const tasks = part.length
    const phi = tensor3d(gather(part.map(({ support }) => support)), [tasks, ways * shots, width])
    const targets = tensor2d(episodeTargets(tasks, ways, shots), [tasks * ways * shots, ways])
    const heads = fitHeads(phi, targets, l2)
    const logits = tidy(() => {
      const asked = tensor3d(gather(part.map(({ query }) => query)), [tasks, ways * queries, width])
      return Float32Array.from(matMul(asked, heads).dataSync())
    })
    phi.dispose()
    targets.dispose()
    heads.dispose()
    const answers = argMaxRows(logits, ways)
    for (let task = 0; task < tasks; task++) {
      const own = answers.slice(task * ways * queries, (task + 1) * ways * queries)
      const right = own.reduce((count, way, i) => count + Number(way === Math.floor(i / queries)), 0)
      accuracies[from + task] = right / own.length
      predicted.push(own)
    }
  }
  return { accuracies, predicted }
}

/** L2 strengths tried for a representation's heads. */
const L2_TRIED = [1e-4, 1e-3, 1e-2, 1e-1]

/** The strength whose heads do best on these tasks, which are none of the test's. */
export function chooseL2(
  table: FeatureTable,
  episodes: readonly Episode[],
  size: EpisodeSize
): { l2: number; accuracy: number } {
  const tried = L2_TRIED.map((l2) => ({
    l2,
    accuracy: meanOf(scoreEpisodes(table, episodes, size, l2).accuracies)
  }))
  return tried.reduce((best, each) => (each.accuracy > best.accuracy ? each : best))
}

export interface MeanInterval {
  readonly mean: number
  /** 95 %, of the mean over tasks. */
  readonly interval: [number, number]
  readonly tasks: number
}

/** Mean of one number a task with its 95 % interval (normal: there are hundreds of tasks). */
export function meanInterval(values: Float64Array): MeanInterval {
  const mean = meanOf(values)
  const variance =
    values.reduce((total, value) => total + (value - mean) ** 2, 0) / Math.max(values.length - 1, 1)
  const half = 1.959964 * Math.sqrt(variance / values.length)
  return { mean, interval: [mean - half, mean + half], tasks: values.length }
}

function meanOf(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0) / values.length
}
