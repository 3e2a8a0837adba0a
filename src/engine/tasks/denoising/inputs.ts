import { badInput } from '../../../shared/domain/failure'
import type { DenoisingSpec } from '../../../shared/domain/task-spec'
import { knownClasses } from '../../../shared/numerics/known-classes'
import { buildModel } from '../../models/classifier'
import type { Network } from '../../models/network'
import { occurringClasses } from '../shared/occurring-classes'
import type { ExampleSource } from '../shared/task-run'

export interface DenoisingSources {
  readonly train: ExampleSource
  /** Undefined for a first look without trusted examples. */
  readonly trusted: ExampleSource | undefined
  readonly test?: ExampleSource
  /** Where an earlier run on the same data ended (spec.startFrom). */
  readonly start?: DenoisingStart
}

export interface DenoisingStart {
  /** Importance weights, one an example of `train`. */
  readonly weights: Float32Array
  /**
   * Parameters of that run's own classifier; only where it has the same layout and has not learned from
   * examples that this run holds back.
   */
  readonly lower?: Float32Array
}

/** Labels as given, with a review's corrections. @throws Failure bad-input for a row or class that is not there */
export function correctedLabels(train: ExampleSource, spec: DenoisingSpec): Int32Array {
  const labels = train.labels.slice()
  for (const [row, label] of Object.entries(spec.corrections ?? {})) {
    if (Number(row) >= train.count || label >= train.classNames.length) {
      throw badInput(
        `The correction ${row}: ${label} names an example or a class that the training data lacks.`,
        `Examples are 0..${train.count - 1}, classes 0..${train.classNames.length - 1}.`
      )
    }
    labels[Number(row)] = label
  }
  return labels
}

/** Rows whose label a review gave or confirmed. */
export function vouchedRows(spec: DenoisingSpec): ReadonlySet<number> {
  return new Set(Object.keys(spec.corrections ?? {}).map(Number))
}

/** @throws Failure bad-input when the earlier run was on other data */
export function startOf({ start, train }: DenoisingSources, network: Network): DenoisingStart | undefined {
  if (!start) return undefined
  if (start.weights.length !== train.count) {
    throw badInput(
      `The run to start from (startFrom) weighed ${start.weights.length} examples; --train has ${train.count}.`,
      'Start from a run on the same data, or leave startFrom out.'
    )
  }
  return start.lower?.length === network.layout.size ? start : { weights: start.weights }
}

/**
 * See that the sets fit together and the spec can run, without training.
 * @throws Failure bad-input that names the argument and the remedy
 */
export function checkDenoising({ train, trusted, test }: DenoisingSources, spec: DenoisingSpec): void {
  for (const [name, other] of [['trusted', trusted] as const, ['test', test] as const]) {
    if (!other) continue
    if (other.shape.join() !== train.shape.join()) {
      throw badInput(
        `Examples of --train have the shape [${train.shape.join(', ')}], those of --${name} [${other.shape.join(', ')}].`,
        'Take data of one shape, or resize images with --image-size.'
      )
    }
    if (other.classNames.join('\n') !== train.classNames.join('\n')) {
      throw badInput(
        `--train has the classes ${train.classNames.join(', ')}; --${name} has ${other.classNames.join(', ')}.`,
        'Both must name the same classes.'
      )
    }
  }
  const labels = correctedLabels(train, spec)
  if (occurringClasses(labels, trusted?.labels ?? new Int32Array()).length < 2) {
    throw badInput(`--train (${spec.train}) has a single class.`, 'Denoising needs at least two classes.')
  }
  // The model refuses shapes it cannot take.
  buildModel(spec.model, {
    shape: train.shape,
    classes: train.classNames.length,
    hiddenSizes: spec.hiddenSizes
  })
  if (!trusted) return
  const marked = markedLabels(trusted, labels, spec)
  if (new Set(marked).size < 2) {
    throw badInput(
      `--trusted (${spec.trusted}) has examples of "${train.classNames[marked[0]!]}" alone.`,
      'Mark trusted examples of two classes at least, better ten of each; or take a first look without (--no-trusted).'
    )
  }
}

/** Classes that occur and have no trusted example, none where nothing is trusted; a review's verdicts are trusted. */
export function classesWithoutTrusted({ train, trusted }: DenoisingSources, spec: DenoisingSpec): string[] {
  if (!trusted) return []
  const labels = correctedLabels(train, spec)
  const marked = markedLabels(trusted, labels, spec)
  const known = knownClasses(marked, labels, train.classNames.length)
  if (!known) return []
  return occurringClasses(labels).flatMap((label) => (known[label] ? [] : [train.classNames[label]!]))
}

/** Labels of the trusted examples and of those that a review gave or confirmed. */
function markedLabels(trusted: ExampleSource, labels: Int32Array, spec: DenoisingSpec): Int32Array {
  return Int32Array.from([...trusted.labels, ...Array.from(vouchedRows(spec), (row) => labels[row]!)])
}
