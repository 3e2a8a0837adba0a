import type { ByteReader } from '../../file-formats/byte-reader'
import { rowBlocks } from '../../file-formats/byte-reader'
import { npyHeader, npyLength, readNpyHeader, type NpyHeader } from '../../file-formats/npy'
import { isByColumn } from '../../file-formats/npy-columns'
import type { ZipMember } from '../../file-formats/zip-writer'
import type { WriteTarget } from './dataset-writer'
import type { SourceCopy } from './source-copy'

/** An array of the source, by name, without .npy. */
export interface CopiedArray {
  readonly name: string
  open(): Promise<ByteReader>
  readonly compressed: boolean
}

/** Arrays that belong to one split of the source, and its rows of the dataset. */
export interface ArrayRows {
  readonly x: string
  readonly y: string
  readonly truth?: string
  readonly split?: string
  readonly from: number
  readonly to: number
}

/**
 * The arrays of a source with the rows that an export keeps, each in its own type and byte order. An array with a row
 * for each example of a split is cut as that split is; any other is copied as it is.
 * @returns undefined where an array cannot be cut row by row
 */
export async function copiedArrays(
  arrays: readonly CopiedArray[],
  groups: readonly ArrayRows[],
  copy: SourceCopy,
  target: WriteTarget
): Promise<ZipMember[] | undefined> {
  const members: ZipMember[] = []
  for (const array of arrays) {
    const reader = await array.open()
    const header = await readNpyHeader(reader)
    reader.close()
    const group = groupOf(array.name, header, groups)
    const cut = group && positionsIn(group, copy)
    // A split of which nothing is kept would be an empty array, which is no set of examples.
    if (cut?.length === 0) continue
    const untouched = !cut || (cut.length === group.to - group.from && copy.isUnchanged)
    if (!untouched && (isByColumn(header) || header.type.startsWith('O'))) {
      // Pickled objects have no rows that could be told apart: without them nothing of the examples is lost.
      if (header.type.startsWith('O') && !isRole(array.name, group)) continue
      return undefined
    }
    members.push(untouched ? await uncutArray(array) : cutArray(array, header, group, cut, copy, target))
  }
  return members
}

/** Whose rows an array has: by its role, by the end of its name, by its number of rows. */
function groupOf(name: string, { shape }: NpyHeader, groups: readonly ArrayRows[]): ArrayRows | undefined {
  const role = groups.find((group) => isRole(name, group))
  if (role) return role
  const fits = groups.filter(({ from, to }) => shape[0] === to - from)
  const named = fits.find(({ split }) => split !== undefined && name.toLowerCase().includes(split))
  // Without a word of which split it is, only the first one's: a short array may have as many items by chance.
  return named ?? fits.find((group) => group === groups[0])
}

function isRole(name: string, group: ArrayRows | undefined): boolean {
  return group !== undefined && [group.x, group.y, group.truth].includes(name)
}

/** Positions of the export whose rows lie in a split. */
function positionsIn({ from, to }: ArrayRows, { rows }: SourceCopy): number[] {
  return Array.from(rows.keys()).filter((position) => rows[position]! >= from && rows[position]! < to)
}

function labelsOf(
  name: string,
  group: ArrayRows,
  copy: SourceCopy
): ((position: number) => number | undefined) | undefined {
  if (name === group.y) return copy.labelFrom
  return name === group.truth ? copy.truthFrom : undefined
}

async function uncutArray(array: CopiedArray): Promise<ZipMember> {
  const size = await sizeOf(array)
  return {
    path: `${array.name}.npy`,
    size,
    compress: array.compressed,
    bytes: async function* () {
      const reader = await array.open()
      try {
        yield* pieces(reader, size)
      } finally {
        reader.close()
      }
    }
  }
}

async function sizeOf(array: CopiedArray): Promise<number> {
  const reader = await array.open()
  try {
    const header = await readNpyHeader(reader)
    if (!header.type.startsWith('O')) return reader.position + npyLength(header) * header.itemSize
    while (!(await reader.atEnd())) await reader.readInto(Buffer.alloc(1 << 16))
    return reader.position
  } finally {
    reader.close()
  }
}

async function* pieces(reader: ByteReader, size: number): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0;) {
    const piece = Buffer.allocUnsafe(Math.min(left, 1 << 20))
    await reader.fill(piece, 'array')
    left -= piece.length
    yield piece
  }
}

function cutArray(
  array: CopiedArray,
  header: NpyHeader,
  group: ArrayRows,
  positions: readonly number[],
  copy: SourceCopy,
  target: WriteTarget
): ZipMember {
  const labelFrom = labelsOf(array.name, group, copy)
  const rows = positions.map((position) => copy.rows[position]! - group.from)
  const [, ...sides] = header.shape
  const rowBytes = sides.reduce((product, side) => product * side, header.itemSize)
  const start = npyHeader(descriptionOf(header), [positions.length, ...sides])
  return {
    path: `${array.name}.npy`,
    size: start.length + positions.length * rowBytes,
    compress: array.compressed,
    bytes: async function* () {
      yield start
      if (labelFrom) yield* cutLabels(array, rows, positions, labelFrom, rowBytes, group.from)
      else yield* cutRows(array, header, rows, rowBytes, (done) => target.progress(positions[done] ?? 0))
    }
  }
}

/** @param rows of the array, ascending */
async function* cutRows(
  array: CopiedArray,
  header: NpyHeader,
  rows: readonly number[],
  rowBytes: number,
  progress: (done: number) => void
): AsyncGenerator<Uint8Array> {
  const reader = await array.open()
  try {
    await readNpyHeader(reader)
    let first = 0
    let at = 0
    for await (const block of rowBlocks(reader, header.shape[0] ?? 0, rowBytes, 'array')) {
      const held = block.length / rowBytes
      const kept: Buffer[] = []
      for (; at < rows.length && rows[at]! < first + held; at++) {
        const from = (rows[at]! - first) * rowBytes
        kept.push(block.subarray(from, from + rowBytes))
      }
      first += held
      // A copy: the block is filled anew.
      if (kept.length > 0) yield Buffer.concat(kept)
      progress(at)
    }
  } finally {
    reader.close()
  }
}

/** Labels are few bytes: all of them are held, so that one can be taken from another row. */
async function* cutLabels(
  array: CopiedArray,
  rows: readonly number[],
  positions: readonly number[],
  labelFrom: (position: number) => number | undefined,
  rowBytes: number,
  from: number
): AsyncGenerator<Uint8Array> {
  const reader = await array.open()
  try {
    const header = await readNpyHeader(reader)
    const labels = await reader.read(npyLength(header) * header.itemSize, 'labels')
    for (const [i, row] of rows.entries()) {
      const other = labelFrom(positions[i]!)
      const at = (other === undefined ? row : other - from) * rowBytes
      yield labels.subarray(at, at + rowBytes)
    }
  } finally {
    reader.close()
  }
}

/** As numpy writes it. */
function descriptionOf({ type, itemSize, bigEndian }: NpyHeader): string {
  const order = itemSize === 1 || /^S/.test(type) ? '|' : bigEndian ? '>' : '<'
  return `${order}${type}`
}
