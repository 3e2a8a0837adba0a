import { box, eachBlock, inTurn, l2Ball, linfBall } from '../../bilevel/constraints'
import type { Projection } from '../../bilevel/constraints'

/** How far a poison may go from its base; both absent leaves only the box 0..1. */
export interface PerturbationBound {
  /** Largest change of a pixel (Linf), in 0..1. */
  readonly linf?: number
  /** Largest L2 norm of the change of one image, in 0..1 pixel units. */
  readonly l2?: number
}

/** Sizes of a perturbation, in 0..1 pixel units. */
export interface PerturbationSize {
  readonly linf: number
  readonly l2: number
}

/**
 * The box 0..1 and the bound around each base. Clipping gives the nearest point of box and Linf ball; shortening
 * towards the base, which lies in both, then meets the L2 ball without leaving them.
 * @param bases row-major [images, size]
 */
export function perturbationSet(
  bases: Float32Array,
  size: number,
  { linf, l2 }: PerturbationBound
): Projection {
  const ball = (radius: number): Projection =>
    eachBlock(size, (image) => l2Ball(bases.subarray(image * size, (image + 1) * size), radius))
  return inTurn(
    box(0, 1),
    ...(linf === undefined ? [] : [linfBall(bases, linf)]),
    ...(l2 === undefined ? [] : [ball(l2)])
  )
}

/** Values that a file of bytes can hold, 0..255 for 0..1. */
const LEVELS = 255

/**
 * The images as a file of bytes holds them: rounded to the nearest level that keeps the bound, so that what is
 * exported is within it and not half a level beyond.
 * @param bases row-major [images, size], on levels themselves
 */
export function quantisePoisons(
  images: Float32Array,
  bases: Float32Array,
  size: number,
  { linf = 1, l2 = Infinity }: PerturbationBound
): Float32Array {
  // A bound such as 8/255 arrives as a float a little above or below the level it means.
  const most = Math.floor(linf * LEVELS + 1e-3)
  const out = new Float32Array(images.length)
  const round = (from: number, rounding: (change: number) => number): number => {
    let squared = 0
    for (let i = from; i < from + size; i++) {
      const base = Math.round(bases[i]! * LEVELS)
      const change = rounding(images[i]! * LEVELS - base)
      const level = Math.min(Math.max(base + Math.min(Math.max(change, -most), most), 0), LEVELS)
      out[i] = level / LEVELS
      squared += ((level - base) / LEVELS) ** 2
    }
    return Math.sqrt(squared)
  }
  for (let from = 0; from < images.length; from += size) {
    if (round(from, Math.round) > l2) round(from, Math.trunc)
  }
  return out
}

/** Linf and L2 norms of images minus bases, one entry an image. */
export function perturbationSizes(
  images: Float32Array,
  bases: Float32Array,
  size: number
): PerturbationSize[] {
  return Array.from({ length: images.length / size }, (_, image) => {
    let linf = 0
    let squared = 0
    for (let i = image * size; i < (image + 1) * size; i++) {
      const change = Math.abs(images[i]! - bases[i]!)
      linf = Math.max(linf, change)
      squared += change * change
    }
    return { linf, l2: Math.sqrt(squared) }
  })
}
