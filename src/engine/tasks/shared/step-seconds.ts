import { exampleSize } from '../../../shared/domain/dataset'

/** Steps of ordinary training that a lower step costs with its share of the upper one. */
export const LOWER_STEP = 2

/** Pixels of a picture of MNIST, of which convolutions were measured, and how what they cost grows: faster than pixels do. */
const PICTURE = 784
const BY_PIXELS = 1.4

/** Numbers from which on a network's step grows less: what a step costs besides is spread over threads. */
const WIDE = 2000

/** Seconds of a step of ordinary training on two cores: what it costs whatever its batch, and by the examples in it. */
export function stepSeconds(
  { model, shape }: { readonly model: string; readonly shape: readonly number[] },
  batch: number
): number {
  const size = exampleSize(shape)
  // Its few numbers are soon moved: what counts is how many are read.
  if (model === 'logistic') return 8e-4 + 3e-8 * size + 4.8e-9 * size * batch
  if (model === 'mlp')
    return (
      (1.3e-3 + 4.3e-6 * Math.min(size, WIDE) + 2.8e-6 * Math.max(0, size - WIDE)) * (0.92 + batch / 1600)
    )
  const deeper = model === 'cnn' ? 1 : 1.5
  // Colours count in the first layer alone.
  const [height = 1, width = 1] = shape
  return deeper * ((height * width) / PICTURE) ** BY_PIXELS * (0.043 + 5.6e-4 * batch)
}
