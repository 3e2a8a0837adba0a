import type { Checkpoint } from '../shared/task-run'

/** How a classifier trained from scratch did; accuracies are fractions. */
export interface ValidationScore {
  readonly validationLoss: number
  readonly validationAccuracy: number
}

export interface TrainedScore extends ValidationScore {
  /** Null without test examples. */
  readonly testAccuracy: number | null
}

export interface TrainedClassifier extends ValidationScore {
  /** [layout.size] */
  readonly parameters: Float32Array
}

/** The simplest first. */
const CONTENDERS = ['unregularised', 'grid', 'tuned'] as const
export type Contender = (typeof CONTENDERS)[number]

/** A classifier retrained on the way with the strengths reached there. */
export interface TuningCheck {
  /** Upper steps done; 0 is where the tuning starts. */
  readonly step: number
  readonly validationLoss: number
}

export interface GridPoint {
  readonly strength: number
  readonly validationLoss: number
}

/**
 * What has been trained from scratch so far. Only such classifiers judge strengths: the solver's own v has followed
 * the validation loss as well. The tuned strengths are the best of those tried on the way on validation, the start
 * included, so a tuning never ends worse than it started.
 */
export class Contenders {
  readonly grid: GridPoint[] = []
  readonly checks: TuningCheck[] = []
  gridStrength: number | undefined
  /** Upper steps after which the kept strengths were reached; undefined where none have been tried. */
  bestStep: number | undefined
  /** The kept strengths, one a group. */
  strengths: Float32Array | undefined
  readonly #classifiers: Partial<Record<Contender, TrainedClassifier>> = {}

  classifier(name: Contender): TrainedClassifier | undefined {
    return this.#classifiers[name]
  }

  add(name: Contender, classifier: TrainedClassifier): void {
    this.#classifiers[name] = classifier
  }

  addToGrid(strength: number, classifier: TrainedClassifier): void {
    this.grid.push({ strength, validationLoss: classifier.validationLoss })
    if (!isBetter(classifier, this.#classifiers.grid)) return
    this.gridStrength = strength
    this.add('grid', classifier)
  }

  /** Keep these strengths if they are the best on validation so far. @param step upper steps done */
  tried(step: number, strengths: Float32Array, classifier: TrainedClassifier): void {
    this.checks.push({ step, validationLoss: classifier.validationLoss })
    if (!isBetter(classifier, this.#classifiers.tuned)) return
    this.bestStep = step
    this.strengths = strengths.slice()
    this.add('tuned', classifier)
  }

  /** Lowest validation loss; of equal ones the simplest. */
  get best(): Contender | undefined {
    return CONTENDERS.reduce<Contender | undefined>((best, name) => {
      const own = this.#classifiers[name]
      return own && isBetter(own, best && this.#classifiers[best]) ? name : best
    }, undefined)
  }

  /** Of those that have been trained. @param testAccuracy of a classifier's parameters */
  scores(
    testAccuracy: (parameters: Float32Array) => number | null
  ): Partial<Record<Contender, TrainedScore>> {
    const scores: Partial<Record<Contender, TrainedScore>> = {}
    for (const name of CONTENDERS) {
      const own = this.#classifiers[name]
      if (!own) continue
      const { parameters, ...validation } = own
      scores[name] = { ...validation, testAccuracy: testAccuracy(parameters) }
    }
    return scores
  }

  save(): Checkpoint {
    const { grid, checks, gridStrength, bestStep, strengths } = this
    const scores: Partial<Record<Contender, ValidationScore>> = {}
    const arrays: Record<string, Float32Array> = strengths ? { keptStrengths: strengths } : {}
    for (const name of CONTENDERS) {
      const own = this.#classifiers[name]
      if (!own) continue
      const { parameters, ...score } = own
      scores[name] = score
      arrays[`${name}Parameters`] = parameters
    }
    const json = { scores, grid, checks, gridStrength: gridStrength ?? null, bestStep: bestStep ?? null }
    return { json, arrays }
  }

  restore({ json, arrays }: Checkpoint): void {
    this.grid.push(...(json['grid'] as GridPoint[]))
    this.checks.push(...(json['checks'] as TuningCheck[]))
    this.gridStrength = (json['gridStrength'] as number | null) ?? undefined
    this.bestStep = (json['bestStep'] as number | null) ?? undefined
    const kept = arrays['keptStrengths']
    if (kept instanceof Float32Array) this.strengths = kept
    const scores = json['scores'] as Partial<Record<Contender, ValidationScore>>
    for (const name of CONTENDERS) {
      const parameters = arrays[`${name}Parameters`]
      const score = scores[name]
      if (score && parameters instanceof Float32Array) this.add(name, { ...score, parameters })
    }
  }

  /** @param validation number of validation examples */
  advice(strengths: number, validation: number): string[] {
    const advice: string[] = []
    const { best, bestStep } = this
    const { unregularised, tuned } = this.#classifiers
    if (bestStep === 0) {
      advice.push(
        'No strengths reached on the way did better on validation than those the tuning started from: these were kept.'
      )
    } else if (tuned && best !== 'tuned') {
      advice.push(
        `The tuned strengths did not beat ${best === 'grid' ? 'one shared strength' : 'no regularisation'} in validation loss: model.json is that classifier.`
      )
    }
    if (strengths > validation) {
      advice.push(
        `There are more strengths (${strengths}) than validation examples (${validation}): the validation loss flatters the result, only the test accuracy counts.`
      )
    }
    const winner = best && this.#classifiers[best]
    if (winner && unregularised && best !== 'unregularised') {
      const gain = unregularised.validationLoss - winner.validationLoss
      if (gain < 0.01) advice.push('Regularisation makes hardly any difference on these data.')
    }
    return advice
  }
}

/** A loss that is no number is never the better one. */
function isBetter(own: ValidationScore, other: ValidationScore | undefined): boolean {
  return !other || own.validationLoss < other.validationLoss || Number.isNaN(other.validationLoss)
}
