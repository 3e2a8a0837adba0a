/** The matrices by which a valid convolution (stride 1) becomes products frequency by frequency. */
export interface Spectrum {
  /** Frequencies that a real image tells apart: of two conjugates one. */
  readonly frequencies: number
  /** To the frequencies of an image: [2 frequencies, height width], rows real and imaginary part in turn. */
  readonly forward: Float32Array
  /** From the frequencies of an output: [out height out width, 2 frequencies]. */
  readonly inverse: Float32Array
  /**
   * To the conjugate frequencies of a kernel, as the 2 x 2 matrix that multiplies with them from the right:
   * [4 frequencies, size size].
   */
  readonly kernel: Float32Array
}

export interface SpectrumShape {
  readonly height: number
  readonly width: number
  /** Of the kernel, which is square. */
  readonly size: number
}

/**
 * The discrete Fourier transform of an image is as large as the image: a circular convolution, whose wrapped part is
 * just what a valid one leaves out.
 *   x^_k = sum_p x_p e^(-i k p),  w^*_k = sum_q w_q e^(i k q),  y_p = 1 / (height width) sum_k x^_k w^*_k e^(i k p)
 * with k p short for 2 pi (k_y p_y / height + k_x p_x / width).
 */
export function spectrumOf({ height, width, size }: SpectrumShape): Spectrum {
  const chosen: { ky: number; kx: number; alone: boolean }[] = []
  for (let ky = 0; ky < height; ky++) {
    for (let kx = 0; kx < width; kx++) {
      const conjugate = ((height - ky) % height) * width + ((width - kx) % width)
      const own = ky * width + kx
      if (own <= conjugate) chosen.push({ ky, kx, alone: own === conjugate })
    }
  }
  const angle = ({ ky, kx }: { ky: number; kx: number }, row: number, column: number): number =>
    2 * Math.PI * ((((ky * row) % height) / height + ((kx * column) % width) / width) % 1)
  const places = (rows: number, columns: number): [number, number][] =>
    Array.from({ length: rows * columns }, (_, i) => [Math.floor(i / columns), i % columns])

  const points = places(height, width)
  const forward = chosen.flatMap((k) => {
    const angles = points.map(([row, column]) => angle(k, row, column))
    return [...angles.map(Math.cos), ...angles.map((each) => -Math.sin(each))]
  })
  const inverse = places(height - size + 1, width - size + 1).flatMap(([row, column]) =>
    chosen.flatMap((k) => {
      const share = (k.alone ? 1 : 2) / (height * width)
      const at = angle(k, row, column)
      return [share * Math.cos(at), -share * Math.sin(at)]
    })
  )
  const kernel = chosen.flatMap((k) => {
    const angles = places(size, size).map(([row, column]) => angle(k, row, column))
    const [cosines, sines] = [angles.map(Math.cos), angles.map(Math.sin)]
    return [...cosines, ...sines, ...sines.map((sine) => -sine), ...cosines]
  })
  return {
    frequencies: chosen.length,
    forward: Float32Array.from(forward),
    inverse: Float32Array.from(inverse),
    kernel: Float32Array.from(kernel)
  }
}

/** How many pairs of conjugates an image of so many points has, counting those that are their own. */
export function frequenciesOf(height: number, width: number): number {
  const alone = (height % 2 === 0 ? 2 : 1) * (width % 2 === 0 ? 2 : 1)
  return (height * width + alone) / 2
}

/** What is made of a shape, made once: a network has few shapes, and each takes some hundred kilobytes. */
export function onceForShape<Made>(make: (shape: SpectrumShape) => Made): (shape: SpectrumShape) => Made {
  const known = new Map<string, Made>()
  return ({ height, width, size }) => {
    const name = `${height} ${width} ${size}`
    const made = known.get(name) ?? make({ height, width, size })
    known.set(name, made)
    return made
  }
}
