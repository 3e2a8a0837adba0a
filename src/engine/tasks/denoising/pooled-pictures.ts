import type { ExampleSource } from '../shared/task-run'

/** Numbers of a picture that a first look reads. */
const MOST_NUMBERS = 1024

/** Pictures as rows of numbers, means of square blocks of pixels where a picture has more; other examples as they are. */
export function asRows(source: ExampleSource, mostNumbers = MOST_NUMBERS): ExampleSource {
  const [height = 1, width = 1, channels] = source.shape
  if (channels === undefined) return source
  let side = 1
  while (
    Math.ceil(height / side) * Math.ceil(width / side) * channels > mostNumbers &&
    side < Math.max(height, width)
  )
    side++
  const rows = Math.ceil(height / side)
  const columns = Math.ceil(width / side)
  const size = rows * columns * channels
  return {
    count: source.count,
    shape: [size],
    classNames: source.classNames,
    labels: source.labels,
    readRows(wanted) {
      const pixels = source.readRows(wanted)
      if (side === 1) return pixels
      const out = new Float32Array(wanted.length * size)
      for (let i = 0; i < wanted.length; i++) {
        for (let y = 0; y < height; y++) {
          const down = Math.floor(y / side)
          for (let x = 0; x < width; x++) {
            const from = ((i * height + y) * width + x) * channels
            const to = i * size + (down * columns + Math.floor(x / side)) * channels
            for (let c = 0; c < channels; c++) out[to + c]! += pixels[from + c]! / (side * side)
          }
        }
      }
      return out
    }
  }
}
