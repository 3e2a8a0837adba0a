import { concat, mul, softmax, tensor1d } from '@tensorflow/tfjs-core'
import { amongKnown } from '../../../shared/numerics/known-classes'
import type { Tensor1D } from '@tensorflow/tfjs-core'
import { computed } from '../../tensors/computed'
import type { Network } from '../../models/network'
import { disposeBatch } from './resident-examples'
import type { LabelledBatch, ResidentExamples } from './resident-examples'
import { trainFromScratch } from './scratch-training'
import type { RowsInBatches } from './scratch-training'

/** Ordinary supervised training from scratch: one recipe for every classifier that results are compared by. */
export interface TrainingRecipe {
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  /** L2 penalty l2 * ||v||² */
  readonly l2: number
}

/** A set of rows of one source. */
export interface RowsOf {
  readonly examples: ResidentExamples
  readonly rows: Int32Array
}

export interface TrainingWatch {
  /** After every epoch; a false answer ends the training there. */
  onEpoch?(epoch: number, lower: () => Float32Array, examples: number): Promise<boolean>
  /** Asked after the other steps: whether to end within an epoch, which may be long. */
  isOver?(): boolean
}

/**
 * Train from scratch with Adam; the learning rate falls to zero along a half cosine, so that the end of the
 * run is the result and no data has to be held back to choose an epoch.
 * @returns parameters, [layout.size]
 */
export async function trainClassifier(
  network: Network,
  parts: readonly RowsOf[],
  { epochs, batchSize, learningRate, l2 }: TrainingRecipe,
  seed: number,
  watch: TrainingWatch = {}
): Promise<Float32Array> {
  const rows = joinedRows(parts)
  const batchesPerEpoch = Math.ceil(rows.count / Math.min(batchSize, rows.count))
  const { parameters } = await trainFromScratch(
    network,
    rows,
    {
      ...{ batchSize, learningRate, seed },
      steps: epochs * batchesPerEpoch,
      penalty: l2 ? { gradient: (v) => mul(v, 2 * l2) as Tensor1D, inputs: [] } : undefined
    },
    (step, lower) => {
      if (step % batchesPerEpoch === 0) return watch.onEpoch?.(step / batchesPerEpoch, lower, rows.count)
      return watch.isOver?.() ? Promise.resolve(false) : undefined
    }
  )
  return parameters
}

/** Several row sets as one: batches may mix them. */
export function joinedRows(parts: readonly RowsOf[]): RowsInBatches {
  const present = parts.filter(({ rows }) => rows.length > 0)
  if (present.length === 1) {
    const { examples, rows } = present[0]!
    return { count: rows.length, batch: (picked) => examples.batch(picked.map((i) => rows[i]!)) }
  }
  const starts: number[] = []
  let count = 0
  for (const { rows } of present) {
    starts.push(count)
    count += rows.length
  }
  return {
    count,
    batch: (picked) => {
      const batches = present.flatMap(({ examples, rows }, part) => {
        const from = starts[part]!
        const own = picked.filter((i) => i >= from && i < from + rows.length)
        return own.length === 0 ? [] : [unmasked(examples.batch(own.map((i) => rows[i - from]!)))]
      })
      if (batches.length === 1) return batches[0]!
      const restored = {
        x: concat(batches.map(({ x }) => x)),
        targets: concat(batches.map(({ targets }) => targets))
      }
      batches.forEach(disposeBatch)
      return restored
    }
  }
}

/** Beside examples of all classes, those of some are of these among all. */
function unmasked({ mask, ...batch }: LabelledBatch): LabelledBatch {
  mask?.dispose()
  return batch
}

/** The largest map between two layers of a chunk takes at most so many bytes; a chunk has at most so many rows. */
const MAP_BYTES = 32 * 1024 * 1024
const CHUNK_ROWS = 1000

function chunkOf({ layers }: Network): number {
  const sizes = layers.map(({ outputShape }) => outputShape.reduce((product, side) => product * side, 1))
  return Math.max(1, Math.min(CHUNK_ROWS, Math.floor(MAP_BYTES / (4 * Math.max(1, ...sizes)))))
}

/** Class probabilities of rows without dropout, row-major [rows, classes], in chunks so that memory is bounded. */
export function predictProbabilities(
  network: Network,
  parameters: Float32Array,
  { examples, rows }: RowsOf,
  chunk = chunkOf(network)
): Float32Array {
  const classes = network.outputSize
  const out = new Float32Array(rows.length * classes)
  const v = tensor1d(parameters)
  for (let from = 0; from < rows.length; from += chunk) {
    const part = rows.subarray(from, from + chunk)
    const values = computed(() => softmax(network.forward(v, examples.features(part)).output))
    out.set(values, from * classes)
  }
  v.dispose()
  return out
}

export function argMaxRows(probabilities: Float32Array, classes: number): Int32Array {
  const out = new Int32Array(probabilities.length / classes)
  for (let row = 0; row < out.length; row++) {
    let best = 0
    for (let k = 1; k < classes; k++) {
      if (probabilities[row * classes + k]! > probabilities[row * classes + best]!) best = k
    }
    out[row] = best
  }
  return out
}

export interface ClassifierScore {
  /** Share of rows whose most probable class is the label. */
  readonly accuracy: number
  /** Mean cross-entropy. */
  readonly loss: number
  /** Mean cross-entropy at the softmax temperature that suits it best (Guo et al. 2017). */
  readonly calibratedLoss: number
}

/** Among the classes that the examples are drawn from. */
export function scoreClassifier(network: Network, parameters: Float32Array, part: RowsOf): ClassifierScore {
  const probabilities = amongKnown(predictProbabilities(network, parameters, part), part.examples.known)
  const labels = part.rows.map((row) => part.examples.labels[row]!)
  return scoreProbabilities(probabilities, labels, network.outputSize)
}

/** @param probabilities row-major [labels, classes] */
export function scoreProbabilities(
  probabilities: Float32Array,
  labels: Int32Array,
  classes: number
): ClassifierScore {
  const predicted = argMaxRows(probabilities, classes)
  const right = labels.reduce((count, label, i) => count + Number(predicted[i] === label), 0)
  const losses = TEMPERATURES.map((temperature) => lossAt(probabilities, labels, classes, temperature))
  return {
    accuracy: right / labels.length,
    loss: lossAt(probabilities, labels, classes, 1),
    calibratedLoss: Math.min(...losses)
  }
}

const TEMPERATURES = [0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8]

/** Mean cross-entropy of p^(1/temperature), renormalised. */
function lossAt(
  probabilities: Float32Array,
  labels: Int32Array,
  classes: number,
  temperature: number
): number {
  let loss = 0
  for (let row = 0; row < labels.length; row++) {
    let total = 0
    for (let k = 0; k < classes; k++) {
      total += Math.max(probabilities[row * classes + k]!, 1e-12) ** (1 / temperature)
    }
    const own = Math.max(probabilities[row * classes + labels[row]!]!, 1e-12)
    loss -= Math.log(own) / temperature - Math.log(total)
  }
  return loss / labels.length
}
