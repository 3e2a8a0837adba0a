import { buildModel } from '../../models/classifier'
import { buildFeatureExtractor } from '../../models/feature-extractor'
import type { Network } from '../../models/network'
import { argMaxRows, predictProbabilities, trainClassifier } from '../shared/classifier-training'
import type { TrainingRecipe, TrainingWatch } from '../shared/classifier-training'
import type { CleanLabelTrial } from './trials'
import { ResidentExamples } from '../shared/resident-examples'
import type { ExampleSource } from '../shared/task-run'

/** The attacked architecture, its features learned anew with another seed. */
const OWN_FEATURES = 'features'

/** What a victim that learns its own features does with the targets. */
export interface TransferOutcome {
  readonly victim: string
  /** Targets read as the class of their poisons after training on the data with the poisons of all targets. */
  readonly successes: number
  /** The same with unperturbed duplicates of the bases. */
  readonly duplicateSuccesses: number
  readonly targets: number
}

export interface TransferData {
  readonly train: ResidentExamples
  readonly trials: readonly CleanLabelTrial[]
  /** Poisons as exported and their bases, row-major [poisons, size]. */
  readonly images: Float32Array
  readonly bases: Float32Array
  readonly labels: Int32Array
  /** Row-major [trials, size]. */
  readonly targetImages: Float32Array
}

/**
 * Train whole networks from scratch, pixels to classes, on the training data with the poisons of all targets at
 * once: whether the attack outlives the features that it was made for.
 * @param names models, or "features"
 * @throws Failure bad-input for an unknown name
 */
export async function measureTransfer(
  names: readonly string[],
  data: TransferData,
  recipe: TrainingRecipe,
  seed: number,
  watch: TrainingWatch
): Promise<TransferOutcome[]> {
  const { train, trials } = data
  const everything = { examples: train, rows: rowsOf(train.count) }
  const targets = inMemory(
    data.targetImages,
    Int32Array.from(trials, ({ targetClass }) => targetClass),
    train
  )
  const outcomes: TransferOutcome[] = []
  for (const victim of names) {
    const network = victimNetwork(victim, train.shape, train.classes)
    const hitsAfter = async (added: Float32Array): Promise<number> => {
      const extra = inMemory(added, data.labels, train)
      const parts = [everything, { examples: extra, rows: rowsOf(extra.count) }]
      // Another seed than the attacker's: the victim shares nothing with it but the data.
      const parameters = await trainClassifier(network, parts, recipe, seed + 1, watch)
      const rows = { examples: targets, rows: rowsOf(targets.count) }
      const predicted = argMaxRows(predictProbabilities(network, parameters, rows), train.classes)
      return trials.filter(({ poisonClass }, k) => predicted[k] === poisonClass).length
    }
    outcomes.push({
      victim,
      successes: await hitsAfter(data.images),
      duplicateSuccesses: await hitsAfter(data.bases),
      targets: trials.length
    })
  }
  return outcomes
}

/** @throws Failure bad-input for an unknown name or a shape it cannot take */
export function victimNetwork(name: string, shape: readonly number[], classes: number): Network {
  return name === OWN_FEATURES
    ? buildFeatureExtractor(shape, classes).classifier
    : buildModel(name, { shape, classes })
}

function rowsOf(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i)
}

function inMemory(
  images: Float32Array,
  labels: Int32Array,
  { shape, classes }: ResidentExamples
): ResidentExamples {
  const size = images.length / labels.length
  const source: ExampleSource = {
    count: labels.length,
    shape,
    classNames: Array.from({ length: classes }, (_, k) => String(k)),
    labels,
    readRows: (rows) => {
      const out = new Float32Array(rows.length * size)
      for (let i = 0; i < rows.length; i++) {
        out.set(images.subarray(rows[i]! * size, (rows[i]! + 1) * size), i * size)
      }
      return out
    }
  }
  return new ResidentExamples(source)
}
