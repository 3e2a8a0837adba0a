/** What a run has at hand once its weights are learned; kinds of evidence are computed from it. */
export interface EvidenceSources {
  /** Given labels as class indices, one an example. */
  readonly labels: Int32Array
  /** Learned importance weights in 0..1, one an example. */
  readonly weights: Float32Array
  /** Class probabilities of a classifier, row-major [examples, classes]; absent where the run has no such one. */
  readonly probabilities: {
    /** The run's own classifier, trained along with the weights. */
    readonly own?: Float32Array
    /** Trained on the trusted examples alone. */
    readonly trusted?: Float32Array
    /** Each example by classifiers that have not seen it; absent where the run was not asked or ended early. */
    readonly crossValidated?: Float32Array
  }
}

/** A kind of evidence on the given labels: a score in 0..1 an example, low is bad. Told here and nowhere else. */
export interface EvidenceKind {
  /** Key in the report's metrics, the API's issue table and an export's manifest. */
  readonly id: string
  /** Column of issues.csv. */
  readonly column: string
  readonly title: string
  /** What it is, for a reader who has never met it. */
  readonly text: string
  /** Whether every run has it; an issues.csv without its column then takes label_score instead. */
  readonly always: boolean
  /** Whether its column stands before those of a review; columns never move. */
  readonly isEarly: boolean
  /** How much it counts in the combined score, where kinds are spread alike. */
  readonly share: number
  /** One score an example; undefined where this run cannot say. */
  scores(run: EvidenceSources): Float32Array | undefined | Promise<Float32Array | undefined>
}

/** Probability that a classifier gives to the label each example was given. */
export function labelConfidence(probabilities: Float32Array, labels: Int32Array): Float32Array {
  const classes = probabilities.length / labels.length
  return Float32Array.from(labels, (label, i) => probabilities[i * classes + label]!)
}
