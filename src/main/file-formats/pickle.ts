/**
 * Python pickles, written only (protocol 3, no memo): lists, tuples, dicts of texts, whole numbers, texts and
 * PIL images. Reading one runs code that it names, so the product never does.
 */
export type PickleValue =
  | number
  | string
  | PickledImage
  | readonly PickleValue[]
  | { readonly tuple: readonly [PickleValue, PickleValue] }
  | { readonly dict: Readonly<Record<string, PickleValue>> }

/** A PIL.Image.Image of mode L (one channel) or RGB (three). */
export interface PickledImage {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  /** Rows of pixels, channels last. */
  readonly pixels: Uint8Array
}

export function pickle(value: PickleValue): Buffer {
  const parts: Buffer[] = [Buffer.from([0x80, 3])]
  write(value, parts)
  parts.push(Buffer.from('.'))
  return Buffer.concat(parts)
}

function write(value: PickleValue, parts: Buffer[]): void {
  const op = (code: string): void => void parts.push(Buffer.from(code, 'latin1'))
  if (typeof value === 'number') {
    if (!Number.isInteger(value) || Math.abs(value) >= 2 ** 31) {
      throw new RangeError(`${value} is no 32-bit whole number.`)
    }
    // BININT
    parts.push(sized('J', 4, (bytes) => bytes.writeInt32LE(value, 1)))
  } else if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8')
    // BINUNICODE
    parts.push(
      sized('X', 4, (bytes) => bytes.writeUInt32LE(text.length, 1)),
      text
    )
  } else if (isList(value)) {
    // EMPTY_LIST, MARK ... APPENDS
    op('](')
    for (const item of value) write(item, parts)
    op('e')
  } else if ('tuple' in value) {
    for (const item of value.tuple) write(item, parts)
    // TUPLE2
    op('\x86')
  } else if ('dict' in value) {
    // EMPTY_DICT, MARK ... SETITEMS
    op('}(')
    for (const [key, item] of Object.entries(value.dict)) {
      write(key, parts)
      write(item, parts)
    }
    op('u')
  } else writeImage(value, parts)
}

function isList(value: PickleValue): value is readonly PickleValue[] {
  return Array.isArray(value)
}

/** Image.__new__(Image), then __setstate__([info, mode, size, palette, bytes]), as Pillow pickles itself. */
function writeImage({ width, height, channels, pixels }: PickledImage, parts: Buffer[]): void {
  if (pixels.length !== width * height * channels) {
    throw new RangeError(`${pixels.length} bytes do not fill ${width} x ${height} x ${channels}.`)
  }
  // GLOBAL, EMPTY_TUPLE, NEWOBJ; the state: EMPTY_LIST, MARK, an empty dict of information.
  parts.push(Buffer.from('cPIL.Image\nImage\n)\x81](}', 'latin1'))
  write(channels === 1 ? 'L' : 'RGB', parts)
  write({ tuple: [width, height] }, parts)
  // NONE (no palette), BINBYTES, APPENDS, BUILD
  parts.push(
    Buffer.from('N'),
    sized('B', 4, (bytes) => bytes.writeUInt32LE(pixels.length, 1)),
    Buffer.from(pixels),
    Buffer.from('eb')
  )
}

function sized(code: string, size: number, fill: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(1 + size)
  bytes.write(code, 'latin1')
  fill(bytes)
  return bytes
}
