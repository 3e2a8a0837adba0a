export type NoisePattern = 'uniform' | 'asymmetric'

export interface CorruptionOptions {
  /** Fraction of examples that get a wrong label, 0..1. */
  readonly noise: number
  readonly pattern: NoisePattern
  readonly seed: number
}

/** A copy of the labels in which round(noise * n) are wrong. */
export declare function corruptLabels(
  labels: Int32Array,
  classCount: number,
  options: CorruptionOptions
): Int32Array
