import { badInput } from '../../shared/domain/failure'
import { Random } from '../../shared/numerics/random'

export type NoisePattern = 'uniform' | 'asymmetric'

export interface CorruptionOptions {
  /** Fraction of examples that get a wrong label, 0..1. */
  readonly noise: number
  /** uniform: any other class that occurs; asymmetric: the next one. */
  readonly pattern: NoisePattern
  readonly seed: number
}

/**
 * A copy of the labels in which exactly round(noise * n), chosen at random, are wrong: another class drawn
 * uniformly among those that occur, or the next of these (the last becomes the first).
 * @throws Failure bad-input when the noise is no fraction or there is no other class
 */
export function corruptLabels(labels: Int32Array, { noise, pattern, seed }: CorruptionOptions): Int32Array {
  if (!(noise >= 0 && noise <= 1)) {
    throw badInput(
      `A noise of ${noise} is no fraction (--noise).`,
      'Give a number from 0 to 1, for example 0.5.'
    )
  }
  if (pattern !== 'uniform' && pattern !== 'asymmetric') {
    throw badInput(`The pattern ${String(pattern)} is not known (--pattern).`, 'Use uniform or asymmetric.')
  }
  // A wrong label that no example has would be told at sight.
  const occurring = [...new Set(labels)].sort((a, b) => a - b)
  if (occurring.length < 2 && noise > 0) {
    throw badInput('Data with a single class has no wrong labels.', 'Use data with two classes or more.')
  }
  const place = new Map(occurring.map((label, i) => [label, i]))
  const chosen = Random.derive(seed, 'corrupt-examples').permutation(labels.length)
  const draw = Random.derive(seed, 'corrupt-classes')
  const corrupted = labels.slice()
  for (const row of chosen.subarray(0, Math.round(noise * labels.length))) {
    const step = pattern === 'asymmetric' ? 1 : 1 + draw.below(occurring.length - 1)
    corrupted[row] = occurring[(place.get(labels[row]!)! + step) % occurring.length]!
  }
  return corrupted
}
