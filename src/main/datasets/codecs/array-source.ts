import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import { ByteReader } from '../../file-formats/byte-reader'
import { ZipArchive } from '../../file-formats/zip-archive'
import type { ZipEntry } from '../../file-formats/zip-entry'
import { nameOf, pathOf, siblings, type SourceLook } from './source-look'

/** Named arrays, each readable as a stream: the entries of an NPZ, or the NPY files of a folder. */
export interface ArraySource {
  /** Array names without .npy. */
  readonly names: readonly string[]
  /** Absolute paths of the files behind it. */
  readonly files: readonly string[]
  /** Whether the arrays are deflated (numpy.savez_compressed). */
  readonly compressed: boolean
  /** How messages call an array. */
  nameOf(array: string): string
  open(array: string): Promise<ByteReader>
  close(): Promise<void>
}

export async function openNpz(look: SourceLook): Promise<ArraySource> {
  const file =
    look.kind === 'file' ? path.basename(look.path) : look.files.find((name) => /\.npz$/i.test(name))
  if (file === undefined) throw badInput(`${look.name} holds no NPZ file.`, 'Name an .npz file.')
  const zip = await ZipArchive.open(pathOf(look, file), nameOf(look, file))
  const entries = new Map<string, ZipEntry>()
  for (const entry of zip.entries) {
    if (entry.path.endsWith('.npy')) entries.set(entry.path.slice(0, -4), entry)
  }
  const called = (array: string): string => `array ${array} in ${zip.name}`
  return {
    names: [...entries.keys()],
    files: [zip.path],
    compressed: [...entries.values()].some(({ deflated }) => deflated),
    nameOf: called,
    async open(array) {
      const entry = entries.get(array)
      if (!entry) throw badInput(`${zip.name} has no array ${array}.`, 'Save it with numpy.savez.')
      const reader = await zip.openEntry(entry)
      return new ByteReader(reader.stream, called(array))
    },
    close: () => zip.close()
  }
}

/** The features file and what else belongs to it, when the source is one NPY file. */
const PAIRS: readonly (readonly [RegExp, string])[] = [
  [/^(.*)features?(.*)$/i, 'labels'],
  [/^(.*)images?(.*)$/i, 'labels'],
  [/^(.*)data(.*)$/i, 'labels'],
  [/^(.*)x(.*)$/i, 'y']
]

export async function openNpyFolder(look: SourceLook): Promise<ArraySource> {
  const arrays = new Map<string, string>()
  if (look.kind === 'folder') {
    for (const file of look.files) if (/\.npy$/i.test(file)) arrays.set(file.slice(0, -4), file)
  } else {
    pairUp(look, arrays)
  }
  return {
    names: [...arrays.keys()],
    files: [...arrays.values()].map((file) => pathOf(look, file)),
    compressed: false,
    nameOf: (array) => nameOf(look, arrays.get(array) ?? `${array}.npy`),
    async open(array) {
      const file = arrays.get(array)
      if (!file) throw badInput(`${look.name} has no array ${array}.`, `Put ${array}.npy beside it.`)
      return ByteReader.openFile(pathOf(look, file), nameOf(look, file))
    },
    close: async () => undefined
  }
}

/** Call the named file x, and the file beside it that its name leads to, y. */
function pairUp(look: SourceLook, arrays: Map<string, string>): void {
  const base = path.basename(look.path).replace(/\.npy$/i, '')
  arrays.set('x', path.basename(look.path))
  const beside = siblings(look)
  for (const [pattern, word] of PAIRS) {
    const match = pattern.exec(base)
    if (!match) continue
    const [, before, after] = match
    const labels = [word, word.toUpperCase()].map((text) => `${before}${text}${after}.npy`)
    const found = labels.find((file) => beside.includes(file))
    if (!found) continue
    arrays.set('y', found)
    const truth = `true_${found}`
    if (beside.includes(truth)) arrays.set('true_y', truth)
    if (beside.includes('class_names.npy')) arrays.set('class_names', 'class_names.npy')
    return
  }
}
