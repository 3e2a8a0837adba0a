import { gunzipSync, gzipSync } from 'node:zlib'
import { crc32 } from 'node:zlib'
import type { Random } from '@shared/numerics/random'
import { storedZip } from '../../tests/support/array-files'
import { unzip } from './unzip'

type Mutation = (bytes: Buffer, random: Random) => Buffer

/** Numbers that sizes, counts and offsets are set to. */
const EXTREMES = [
  0, 1, 2, 3, 7, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe,
  0xffffffff
]

const TOKENS = [
  '',
  ' ',
  '0',
  '-1',
  '-0',
  '1e300',
  '1e309',
  '-1e400',
  'NaN',
  'nan',
  'inf',
  'null',
  'true',
  'True',
  '007',
  '3.0',
  '5,1',
  '=cmd|x',
  '"',
  '""',
  '"a',
  'a"b',
  "'",
  '\u0000',
  '\ufeff',
  '\ufffd',
  'é',
  'e\u0301',
  '😀',
  '\ud83d',
  '\u202e',
  '../../x',
  '/etc/passwd',
  'C:\\x',
  '9007199254740993',
  '18446744073709551616',
  '268435457',
  '0x10',
  '1_000',
  '\t',
  '\r',
  '\n',
  '\r\n',
  ';',
  ',,,,',
  '|',
  '{}',
  '[]',
  '[[[[[[',
  '*a',
  '&a',
  '!!js/function',
  '---',
  '...',
  '%YAML 9.9',
  '<<: *a',
  '{{{{',
  '? ',
  'file_name',
  'label',
  'train',
  '__proto__',
  'constructor'
]

/** One mutation of a file's bytes, sometimes several; many a source stays good, and must be read right. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let mutated = bytes
  for (let left = random.below(4) === 0 ? 1 + random.below(4) : 1; left > 0; left--)
    mutated = one(mutated, random)
  return mutated.length > MOST_BYTES ? mutated.subarray(0, MOST_BYTES) : mutated
}

const MOST_BYTES = 4 << 20

function one(bytes: Buffer, random: Random): Buffer {
  const structured = structuredOf(bytes)
  const choices =
    structured && random.below(2) === 0 ? [structured] : isText(bytes) ? [...TEXT, ...BYTES] : BYTES
  return choices[random.below(choices.length)]!(bytes, random)
}

function structuredOf(bytes: Buffer): Mutation | undefined {
  const head = bytes.subarray(0, 8).toString('latin1')
  if (head.startsWith('PK\x03\x04')) return inZip
  if (head.startsWith('\x1f\x8b')) return inGzip
  if (head.startsWith('\x93NUMPY')) return inNpyHeader
  if (head.startsWith('\x89PNG')) return inPng
  return undefined
}

function isText(bytes: Buffer): boolean {
  return !bytes.subarray(0, 512).includes(0)
}

const BYTES: readonly Mutation[] = [
  function flip(bytes, random) {
    const copy = Buffer.from(bytes)
    for (let i = 1 + random.below(8); i > 0 && copy.length > 0; i--) {
      const at = place(copy, random)
      copy[at] = copy[at]! ^ (1 << random.below(8))
    }
    return copy
  },
  function extreme(bytes, random) {
    const copy = Buffer.from(bytes)
    const width = [1, 2, 4, 8][random.below(4)]!
    if (copy.length < width) return copy
    const at = Math.min(place(copy, random), copy.length - width)
    const value = EXTREMES[random.below(EXTREMES.length)]!
    const big = random.below(2) === 0
    for (let i = 0; i < width; i++) {
      const shift = 8 * (big ? width - 1 - i : i)
      copy[at + i] = shift >= 32 ? (value === 0xffffffff ? 0xff : 0) : (value >>> shift) & 0xff
    }
    return copy
  },
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, random) => {
    const at = random.below(bytes.length + 1)
    return Buffer.concat([
      bytes.subarray(0, at),
      bytes.subarray(Math.min(bytes.length, at + 1 + random.below(64)))
    ])
  },
  (bytes, random) => {
    const at = random.below(bytes.length + 1)
    const noise = Buffer.from(Uint8Array.from({ length: 1 + random.below(64) }, () => random.below(256)))
    return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)])
  },
  function repeat(bytes, random) {
    const at = random.below(bytes.length + 1)
    const piece = bytes.subarray(at, at + 1 + random.below(200))
    const times = 1 + random.below(random.below(10) === 0 ? 5000 : 20)
    return Buffer.concat([
      bytes.subarray(0, at),
      ...Array.from({ length: times }, () => piece),
      bytes.subarray(at)
    ])
  },
  function splice(bytes, random) {
    const from = random.below(bytes.length + 1)
    const to = random.below(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
  },
  (bytes, random) => {
    const copy = Buffer.from(bytes)
    const at = random.below(copy.length + 1)
    return copy.fill(random.below(2) ? 0 : 255, at, Math.min(copy.length, at + 1 + random.below(256)))
  }
]

/** Headers stand at the beginning and, of archives and Parquet, at the end. */
function place(bytes: Buffer, random: Random): number {
  const part = random.below(4)
  if (part === 0) return random.below(Math.min(bytes.length, 64))
  if (part === 1) return bytes.length - 1 - random.below(Math.min(bytes.length, 128))
  return random.below(bytes.length)
}

const TEXT: readonly Mutation[] = [
  function token(bytes, random) {
    const parts = bytes.toString('latin1').split(/([,;\t\n:|])/)
    const at = 2 * random.below(Math.ceil(parts.length / 2))
    parts[at] = Buffer.from(TOKENS[random.below(TOKENS.length)]!).toString('latin1')
    return Buffer.from(parts.join(''), 'latin1')
  },
  function lines(bytes, random) {
    const list = bytes.toString('latin1').split('\n')
    const at = random.below(list.length)
    const what = random.below(4)
    if (what === 0) list.splice(at, 1)
    else if (what === 1) list.splice(at, 0, list[random.below(list.length)]!)
    else if (what === 2) list[at] = list[at]!.repeat(1 + random.below(300))
    else list.reverse()
    return Buffer.from(list.join(['\n', '\r\n', '\r'][random.below(3)]), 'latin1')
  },
  (bytes) => Buffer.concat([Buffer.from('\ufeff'), bytes]),
  (bytes) => Buffer.from(bytes.toString('utf8'), 'utf16le')
]

const NAMES = [
  '../x.png',
  '/abs.png',
  'C:\\x.png',
  'a\\b.png',
  '',
  'con',
  '.hidden/a.png',
  'a/',
  `${'n'.repeat(300)}.png`,
  'x.npy',
  'X.npy',
  'y.npy',
  'metadata.csv',
  'e\u0301/1.png',
  'é/1.png',
  '__MACOSX/x'
]

function inZip(bytes: Buffer, random: Random): Buffer {
  const entries = Object.entries(unzip(bytes))
  if (entries.length === 0) return bytes
  const at = random.below(entries.length)
  const [name, content] = entries[at]!
  const what = random.below(8)
  if (what === 0) entries.splice(at, 1)
  else if (what === 1) entries[at] = [NAMES[random.below(NAMES.length)]!, content]
  else if (what === 2) entries.push([NAMES[random.below(NAMES.length)]!, content])
  else entries[at] = [name, one(content, random)]
  return storedZip(Object.fromEntries(entries))
}

function inGzip(bytes: Buffer, random: Random): Buffer {
  try {
    const mutated = gzipSync(one(gunzipSync(bytes, { maxOutputLength: MOST_BYTES }), random))
    return random.below(8) === 0 ? Buffer.concat([mutated, mutated]) : mutated
  } catch {
    return bytes
  }
}

const SHAPES = [
  '()',
  '(0,)',
  '(6,)',
  '(6, 12)',
  '(6, 4, 3, 1)',
  '(1, 6)',
  '(-1,)',
  '(4294967296, 4294967296)',
  '(6, 16777217)',
  '(268435456,)',
  '(6, 9007199254740993)',
  '(6,,)',
  '(6'
]
const TYPES = [
  '|u1',
  '<i8',
  '>f4',
  '<f8',
  '<U3',
  '|S200000',
  '|S0',
  '|O',
  '<c8',
  '|V8',
  '<M8[ns]',
  '|b1',
  '<f16',
  '<u8',
  "<f4', 'x",
  ''
]

/** The dictionary says something else; its length stays as it was, so that the data begins where it did. */
function inNpyHeader(bytes: Buffer, random: Random): Buffer {
  const length = bytes.length >= 10 ? bytes.readUInt16LE(8) : 0
  const text = bytes.subarray(10, 10 + length).toString('latin1')
  const changed =
    random.below(2) === 0
      ? text.replace(/\([^)]{0,200}\)/, SHAPES[random.below(SHAPES.length)]!)
      : text.replace(/'descr': '[^']{0,50}'/, `'descr': '${TYPES[random.below(TYPES.length)]}'`)
  const header = Buffer.from(changed.trimEnd().padEnd(Math.max(0, length - 1)) + '\n', 'latin1')
  const start = Buffer.from(bytes.subarray(0, 10))
  if (start.length === 10) start.writeUInt16LE(header.length & 0xffff, 8)
  return Buffer.concat([start, header, bytes.subarray(10 + length)])
}

/** Other sides, depth or colours, with the right checksum. */
function inPng(bytes: Buffer, random: Random): Buffer {
  if (bytes.length < 33) return bytes
  const copy = Buffer.from(bytes)
  const at = 16 + [0, 4][random.below(2)]!
  if (random.below(3) === 0) copy[24 + random.below(5)] = random.below(20)
  else copy.writeUInt32BE(EXTREMES[random.below(EXTREMES.length)]!, at)
  copy.writeUInt32BE(crc32(copy.subarray(12, 29)), 29)
  return copy
}
