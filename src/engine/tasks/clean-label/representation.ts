import { badInput } from '../../../shared/domain/failure'
import type { PoisoningSpec } from '../../../shared/domain/task-spec'
import { flatten } from '../../layers/flatten'
import { buildFeatureExtractor, buildFeatureStudent } from '../../models/feature-extractor'
import { Network } from '../../models/network'
import { argMaxRows, predictProbabilities, trainClassifier } from '../shared/classifier-training'
import type { TrainingRecipe, TrainingWatch } from '../shared/classifier-training'
import { FeatureSpace } from './feature-space'
import { explainedVariance, trainStudent } from './feature-student'
import type { ResidentExamples } from '../shared/resident-examples'

/** Features of the data sets computed elsewhere, row-major [count, width] in the order of the examples. */
export interface ImportedFeatures {
  readonly width: number
  readonly train: Float32Array
  readonly validation: Float32Array
  readonly test?: Float32Array
}

/** Which representation an attack works through: features from elsewhere, the pixels themselves, or its own. */
export type GivenFeatures = ImportedFeatures | 'pixels' | undefined

export interface CleanLabelData {
  readonly train: ResidentExamples
  readonly validation: ResidentExamples
  readonly test?: ResidentExamples
}

/** The fixed representation that an attack works through. It owns the space: dispose that. */
export interface Representation {
  readonly space: FeatureSpace
  /** The network that was trained, and its parameters. */
  readonly network: Network
  readonly parameters: Float32Array
  /** Features, row-major [count, space.width]. */
  readonly train: Float32Array
  readonly validation: Float32Array
  readonly test?: Float32Array
  /** How good the network is at what it was trained for. */
  readonly quality: RepresentationQuality
}

export type RepresentationQuality =
  | { readonly kind: 'trained'; readonly trainAccuracy: number; readonly validationAccuracy: number }
  /** Share of the variance of the imported features that the student explains. */
  | { readonly kind: 'imported'; readonly trainExplained: number; readonly validationExplained: number }
  | { readonly kind: 'pixels' }

/**
 * Train a small convolutional network on the training images and take its last hidden layer; or, where features
 * were imported, train a student that computes them from pixels. Poisons always pass through the network; the
 * other examples keep imported features as they are.
 * @param restored parameters of the network, from a checkpoint
 * @throws Failure bad-input for data that are no images, or features that do not fit them
 */
export async function learnRepresentation(
  data: CleanLabelData,
  given: GivenFeatures,
  recipe: TrainingRecipe,
  seed: number,
  watch: TrainingWatch,
  restored?: Float32Array
): Promise<Representation> {
  const { train, validation, test } = data
  const parts = { train: all(train), validation: all(validation) }
  const measured = (
    space: FeatureSpace
  ): Pick<Representation, 'space' | 'train' | 'validation' | 'test'> => ({
    space,
    train: space.fit(train, parts.train),
    validation: space.of(validation, parts.validation),
    test: test && space.of(test, all(test))
  })
  if (given === 'pixels') {
    const network = new Network('pixels', train.shape, [flatten(train.shape)])
    const parameters = new Float32Array(0)
    return {
      ...measured(new FeatureSpace(network, parameters)),
      network,
      parameters,
      quality: { kind: 'pixels' }
    }
  }
  if (!given) {
    const { trunk, classifier } = buildFeatureExtractor(train.shape, train.classes)
    const rows = [{ examples: train, rows: parts.train }]
    const parameters = restored ?? (await trainClassifier(classifier, rows, recipe, seed, watch))
    return {
      ...measured(new FeatureSpace(trunk, parameters.slice(0, trunk.layout.size))),
      network: classifier,
      parameters,
      quality: {
        kind: 'trained',
        trainAccuracy: accuracyOf(classifier, parameters, train),
        validationAccuracy: accuracyOf(classifier, parameters, validation)
      }
    }
  }
  const student = buildFeatureStudent(train.shape, given.width)
  // One scale for learning: gradients of features in the thousands would need another learning rate.
  const unit = 1 / Math.max(rootMeanSquare(given.train), 1e-12)
  const learned = given.train.map((value) => value * unit)
  const parameters = restored ?? (await trainStudent(student, train, learned, recipe, seed, watch))
  const space = new FeatureSpace(student, parameters)
  const explained = (examples: ResidentExamples, rows: Int32Array, wanted: Float32Array): number => {
    const truth = space.scaled(wanted.map((value) => value * unit))
    return explainedVariance(space.of(examples, rows), truth, space.width)
  }
  const trainFeatures = space.fit(train, parts.train, learned)
  return {
    space,
    network: student,
    parameters,
    train: trainFeatures,
    validation: space.scaled(given.validation.map((value) => value * unit)),
    test: given.test && space.scaled(given.test.map((value) => value * unit)),
    quality: {
      kind: 'imported',
      trainExplained: explained(train, parts.train, given.train),
      validationExplained: explained(validation, parts.validation, given.validation)
    }
  }
}

/** In small chunks: the first convolution of a thousand images would take a gigabyte. */
function accuracyOf(network: Network, parameters: Float32Array, examples: ResidentExamples): number {
  const probabilities = predictProbabilities(network, parameters, { examples, rows: all(examples) }, 200)
  const predicted = argMaxRows(probabilities, network.outputSize)
  const right = predicted.reduce((count, label, row) => count + Number(label === examples.labels[row]), 0)
  return right / examples.count
}

/** @throws Failure bad-input that names the array and what it should hold */
export function checkImported(
  imported: ImportedFeatures,
  counts: { readonly train: number; readonly validation: number; readonly test?: number },
  { features }: PoisoningSpec
): void {
  for (const name of ['train', 'validation', 'test'] as const) {
    const rows = (imported[name]?.length ?? 0) / imported.width
    const count = counts[name] ?? 0
    if (name === 'test' && !imported.test) continue
    if (rows !== count) {
      throw badInput(
        `${features} (--features): "${name}" has ${rows} rows, and --${name} has ${count} examples.`,
        'Compute one row of features an example, in the order of the examples.'
      )
    }
  }
}

function all(examples: ResidentExamples): Int32Array {
  return Int32Array.from({ length: examples.count }, (_, i) => i)
}

function rootMeanSquare(values: Float32Array): number {
  return Math.sqrt(values.reduce((total, value) => total + value * value, 0) / values.length)
}
