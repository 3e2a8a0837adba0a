import { badInput } from '../../../shared/domain/failure'
import { Random } from '../../../shared/numerics/random'
import type { PoisoningSpec } from '../../../shared/domain/task-spec'
import type { ResidentExamples } from '../shared/resident-examples'

/** One attack: a target of the validation data and the training examples its poisons start from. */
export interface CleanLabelTrial {
  /** Row of the target in the validation data. */
  readonly target: number
  /** Its true class. */
  readonly targetClass: number
  /** What it shall be taken for: the true class of the poisons. */
  readonly poisonClass: number
  /** Rows of the training data, nearest first. */
  readonly bases: Int32Array
}

export interface TrialChoice {
  readonly train: ResidentExamples
  readonly validation: ResidentExamples
  readonly classNames: readonly string[]
  /** Features, row-major [count, width]. */
  readonly trainFeatures: Float32Array
  readonly validationFeatures: Float32Array
  readonly width: number
  /** What a victim trained on the clean data thinks of the validation data, row-major [count, classes]. */
  readonly logits: Float32Array
  readonly targets: number
  readonly poisons: number
  readonly seed: number
}

/**
 * Targets: validation examples that the clean victim reads correctly, drawn by seed. Each shall be taken for
 * --to-class or, by default, the class that comes second to the victim; its bases are the training examples
 * of that class nearest to it in feature space (paper, "Clean-label poisoning").
 * @throws Failure bad-input when there is no such example, or too few bases
 */
export function chooseTrials(choice: TrialChoice, spec: PoisoningSpec): CleanLabelTrial[] {
  const { train, validation, logits, targets, poisons } = choice
  const from = classNamed(choice.classNames, spec.fromClass, '--from-class')
  const to = classNamed(choice.classNames, spec.toClass, '--to-class')
  const counts = new Int32Array(choice.classNames.length)
  train.labels.forEach((label) => counts[label]!++)
  const order = Random.derive(choice.seed, 'clean-label targets').permutation(validation.count)
  const trials: CleanLabelTrial[] = []
  for (const target of order) {
    if (trials.length === targets) break
    const targetClass = validation.labels[target]!
    const [first, second] = ranked(logits, target, counts)
    const poisonClass = to ?? second!
    if (first !== targetClass || poisonClass === targetClass) continue
    if (from !== undefined && targetClass !== from) continue
    if (counts[poisonClass]! < poisons) {
      throw badInput(
        `--count asks for ${poisons} poisons a target, and --train has ${counts[poisonClass]} examples of ${choice.classNames[poisonClass]}.`,
        'Give a smaller --count or more training examples.'
      )
    }
    trials.push({ target, targetClass, poisonClass, bases: nearest(choice, target, poisonClass) })
  }
  if (trials.length === 0) {
    throw badInput(
      `No example of --validation (${spec.validation}) can be a target: the clean classifier reads none of those wanted correctly.`,
      'Give more validation examples, or other classes.'
    )
  }
  return trials
}

/** Index of a class that an option names. @throws Failure bad-input */
export function classNamed(
  classNames: readonly string[],
  name: string | undefined,
  option: string
): number | undefined {
  if (name === undefined) return undefined
  const index = classNames.indexOf(name)
  if (index >= 0) return index
  throw badInput(
    `${option} is "${name}", and there is no such class.`,
    `Take one of ${classNames.join(', ')}.`
  )
}

/** Classes that have examples, the likeliest first. */
function ranked(logits: Float32Array, row: number, counts: Int32Array): number[] {
  const of = (k: number): number => logits[row * counts.length + k]!
  return Array.from(counts.keys())
    .filter((k) => counts[k]! > 0)
    .sort((a, b) => of(b) - of(a))
}

/** The `poisons` training rows of a class nearest to a target in feature space. */
function nearest(choice: TrialChoice, target: number, wanted: number): Int32Array {
  const { train, trainFeatures, validationFeatures, width, poisons } = choice
  const rows = Int32Array.from(train.labels.keys()).filter((row) => train.labels[row] === wanted)
  const distances = new Map<number, number>()
  for (const row of rows) {
    let squared = 0
    for (let i = 0; i < width; i++) {
      squared += (trainFeatures[row * width + i]! - validationFeatures[target * width + i]!) ** 2
    }
    distances.set(row, squared)
  }
  return rows.sort((a, b) => distances.get(a)! - distances.get(b)!).slice(0, poisons)
}
