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
 * Bring images back to the box 0..1 and within the bound of their bases, in place. Clipping gives the nearest
 * point of box and Linf ball; shortening towards the base, which lies in both, then meets the L2 ball without
 * leaving them.
 * @param images row-major [images, size]
 * @param bases the same shape
 */
export function projectPerturbation(
  images: Float32Array,
  bases: Float32Array,
  size: number,
  { linf = Infinity, l2 = Infinity }: PerturbationBound
): void {
  for (let start = 0; start < images.length; start += size) {
    let squared = 0
    for (let i = start; i < start + size; i++) {
      const base = bases[i]!
      const clipped = Math.min(Math.max(images[i]!, base - linf, 0), base + linf, 1)
      images[i] = clipped
      squared += (clipped - base) ** 2
    }
    const shrink = l2 / Math.sqrt(squared)
    if (shrink >= 1) continue
    for (let i = start; i < start + size; i++) images[i] = bases[i]! + shrink * (images[i]! - bases[i]!)
  }
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
