import { badInput } from '../../../shared/domain/failure'
import type { ExampleSource } from '../shared/task-run'

/** Pixels of a page this bright on average are dark ink on white. */
const WHITE_PAGE = 0.5
/** Examples looked at to tell ink from page. */
const SAMPLE = 200

/** Whether the pages are white: then ink is inverted, so that empty space is zero as in padding. */
export function isOnWhite(source: ExampleSource): boolean {
  const wanted = Math.min(SAMPLE, source.count)
  const rows = Int32Array.from({ length: wanted }, (_, i) => Math.floor((i * source.count) / wanted))
  const values = source.readRows(rows)
  return values.reduce((total, value) => total + value, 0) / values.length > WHITE_PAGE
}

/**
 * Images of some classes, each once for every quarter turn, as one source: class c turned t times is class
 * c + t * classes, and its rows follow those of fewer turns.
 */
export class RotatedPictures implements ExampleSource {
  readonly count: number
  readonly shape: readonly number[]
  readonly classNames: readonly string[]
  readonly labels: Int32Array
  readonly #source: ExampleSource
  readonly #rows: Int32Array
  readonly #invert: boolean

  /**
   * @param rows rows of `source` that take part
   * @param turns 1 (as they are) or 4
   * @param invert whether pixels p become 1 - p
   * @throws Failure bad-input when pictures that are not square shall be turned
   */
  constructor(source: ExampleSource, rows: Int32Array, turns: 1 | 4, invert: boolean) {
    const [height, width] = source.shape
    if (turns > 1 && height !== width) {
      throw badInput(
        `Images of ${source.shape.join(' x ')} cannot be turned by 90 degrees.`,
        'Make them square with --image-size, or take --no-rotations.'
      )
    }
    const classes = source.classNames.length
    this.#source = source
    this.#rows = rows
    this.#invert = invert
    this.count = rows.length * turns
    this.shape = source.shape
    this.classNames = Array.from({ length: turns }, (_, turn) =>
      source.classNames.map((name) => (turn === 0 ? name : `${name}, turned by ${90 * turn} degrees`))
    ).flat()
    this.labels = Int32Array.from({ length: this.count }, (_, i) => {
      const turn = Math.floor(i / rows.length)
      return source.labels[rows[i % rows.length]!]! + turn * classes
    })
  }

  /** The row of the source that a row of this one shows. */
  sourceRow(row: number): number {
    return this.#rows[row % this.#rows.length]!
  }

  readRows(rows: ArrayLike<number>): Float32Array {
    const wanted = Int32Array.from(rows, (row) => this.sourceRow(row))
    const values = this.#source.readRows(wanted)
    if (this.#invert) for (let i = 0; i < values.length; i++) values[i] = 1 - values[i]!
    const size = values.length / Math.max(wanted.length, 1)
    const [side = 1, , channels = 1] = this.shape
    for (let i = 0; i < wanted.length; i++) {
      const turn = Math.floor(rows[i]! / this.#rows.length)
      if (turn > 0) turnSquare(values.subarray(i * size, (i + 1) * size), side, channels, turn)
    }
    return values
  }
}

/** Turn a picture [side, side, channels] counter-clockwise by quarter turns, in place. */
function turnSquare(pixels: Float32Array, side: number, channels: number, turns: number): void {
  for (let turn = 0; turn < turns; turn++) {
    const before = pixels.slice()
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const from = (x * side + (side - 1 - y)) * channels
        for (let c = 0; c < channels; c++) pixels[(y * side + x) * channels + c] = before[from + c]!
      }
    }
  }
}
