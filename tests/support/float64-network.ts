/**
 * A small network and its gradient in float64, written down as plain loops: what the engine's numbers in float32 are held
 * against. Convolutions (stride 1, no border) each with bias and ReLU, then one dense layer; parameters in the order of the
 * engine's flat vector.
 */
export interface Convolution {
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly size: number
  readonly filters: number
}

export interface Plan {
  readonly convolutions: readonly Convolution[]
  readonly classes: number
}

export interface Pass {
  /** [batch][classes] */
  readonly logits: Float64Array[]
  /** Where each ReLU let through: handed to another pass, it lets through there, whatever comes. */
  readonly open: readonly Uint8Array[]
  /** Inputs of each layer, [batch, ...]. */
  readonly inputs: readonly Float64Array[]
}

const outOf = ({ height, width, size }: Convolution): [number, number] => [
  height - size + 1,
  width - size + 1
]

/** Calls back for each place of x that meets a point of the kernel: offsets of x, of the kernel's row, of y. */
function eachMeeting(
  shape: Convolution,
  batch: number,
  meet: (x: number, kernel: number, y: number) => void
): void {
  const { height, width, channels, size, filters } = shape
  const [rows, columns] = outOf(shape)
  for (let b = 0; b < batch; b++) {
    for (let place = 0; place < rows * columns; place++) {
      const [row, column] = [Math.floor(place / columns), place % columns]
      const y = (b * rows * columns + place) * filters
      for (let point = 0; point < size * size; point++) {
        const [i, j] = [Math.floor(point / size), point % size]
        const x = ((b * height + row + i) * width + column + j) * channels
        for (let c = 0; c < channels; c++) meet(x + c, (point * channels + c) * filters, y)
      }
    }
  }
}

export function forward(
  { convolutions, classes }: Plan,
  v: Float64Array,
  x: Float64Array,
  batch: number,
  open?: Pass['open']
): Pass {
  let [offset, input] = [0, x]
  const [inputs, opened]: [Float64Array[], Uint8Array[]] = [[], []]
  convolutions.forEach((shape, layer) => {
    const { channels, size, filters } = shape
    const [rows, columns] = outOf(shape)
    const bias = offset + size * size * channels * filters
    const y = Float64Array.from(
      { length: batch * rows * columns * filters },
      (_, i) => v[bias + (i % filters)]!
    )
    const [from, kernel] = [input, v.subarray(offset, bias)]
    eachMeeting(shape, batch, (at, row, to) => {
      const value = from[at]!
      if (value !== 0) for (let f = 0; f < filters; f++) y[to + f]! += value * kernel[row + f]!
    })
    const through = open?.[layer] ?? Uint8Array.from(y, (value) => Number(value > 0))
    inputs.push(input)
    opened.push(through)
    input = y.map((value, i) => value * through[i]!)
    offset = bias + filters
  })
  inputs.push(input)
  const units = input.length / batch
  const logits = Array.from({ length: batch }, (_, b) =>
    Float64Array.from({ length: classes }, (__, k) => {
      let total = v[offset + units * classes + k]!
      for (let i = 0; i < units; i++) total += input[b * units + i]! * v[offset + i * classes + k]!
      return total
    })
  )
  return { logits, open: opened, inputs }
}

/** Of sum_b <dLogits_b, logits_b> by v. */
export function backward(
  { convolutions, classes }: Plan,
  v: Float64Array,
  { inputs, open }: Pass,
  dLogits: readonly Float64Array[]
): Float64Array {
  const batch = dLogits.length
  const gradient = new Float64Array(v.length)
  const last = inputs.at(-1)!
  const units = last.length / batch
  let offset = v.length - (units + 1) * classes
  let d = new Float64Array(last.length)
  dLogits.forEach((row, b) =>
    row.forEach((slope, k) => {
      gradient[offset + units * classes + k]! += slope
      for (let i = 0; i < units; i++) {
        gradient[offset + i * classes + k]! += last[b * units + i]! * slope
        d[b * units + i]! += v[offset + i * classes + k]! * slope
      }
    })
  )
  for (let layer = convolutions.length - 1; layer >= 0; layer--) {
    const shape = convolutions[layer]!
    const { channels, size, filters } = shape
    const dy = d.map((value, i) => value * open[layer]![i]!)
    const bias = offset - filters
    offset = bias - size * size * channels * filters
    dy.forEach((slope, i) => (gradient[bias + (i % filters)]! += slope))
    const [x, wanted, start] = [inputs[layer]!, layer > 0, offset]
    const dx = new Float64Array(wanted ? x.length : 0)
    eachMeeting(shape, batch, (at, row, from) => {
      const value = x[at]!
      let total = 0
      for (let f = 0; f < filters; f++) {
        gradient[start + row + f]! += value * dy[from + f]!
        total += v[start + row + f]! * dy[from + f]!
      }
      if (wanted) dx[at]! += total
    })
    d = dx
  }
  return gradient
}
