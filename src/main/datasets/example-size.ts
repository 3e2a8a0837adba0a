import { badInput } from '../../shared/domain/failure'

/** Values of one example: more cannot be trained on, and nothing is ever sized by more. */
export const MAX_EXAMPLE_SIZE = 1 << 24

/** @throws Failure bad-input for sides that make no example, or one too large, before anything is read */
export function requireTrainable(sides: readonly number[], name: string): void {
  const size = sides.reduce((product, side) => product * side, 1)
  if (size >= 1 && size <= MAX_EXAMPLE_SIZE) return
  throw badInput(
    size > MAX_EXAMPLE_SIZE
      ? `${name}: one example has ${sides.join(' x ')} values, more than can be trained on.`
      : `${name}: an example of ${sides.join(' x ')} holds nothing.`,
    `Take examples of ${MAX_EXAMPLE_SIZE} values at most.`
  )
}
