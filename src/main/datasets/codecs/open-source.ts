import path from 'node:path'
import { DATASET_FORMATS, type DatasetFormat } from '../../../shared/domain/dataset'
import { badInput, type Failure } from '../../../shared/domain/failure'
import { readingOptionsOf, type ReadingOptions } from '../../../shared/domain/reading-options'
import { FORMATS } from '../formats'
import type { ImportOptions } from '../import-options'
import type { SourceCodec, SourceReader } from './codec'
import { lookAt, type SourceLook } from './source-look'

const CODECS: readonly SourceCodec[] = Object.values(FORMATS).map(({ codec }) => codec)

export interface OpenedSource {
  readonly format: DatasetFormat
  readonly reason: string
  /** Absolute path that is read, below the path named where a folder only holds another. */
  readonly path: string
  readonly reader: SourceReader
  /** How it is read. */
  readonly reading: ReadingOptions
}

/** Find out what a path holds and open it. @throws Failure bad-input */
export async function openSource(name: string, options: ImportOptions): Promise<OpenedSource> {
  checkOptions(options)
  const look = await lookAt(name)
  const forced = CODECS.find(({ format }) => format === options.format)
  if (forced) return opened(forced, 'the format was given', look, options)
  const found = await recognise(look)
  if (!found) throw unknownFormat(look)
  return opened(found.codec, found.reason, found.look, options)
}

function checkOptions({ format, imageSize }: ImportOptions): void {
  if (format !== undefined && !DATASET_FORMATS.some((known) => known === format)) {
    throw badInput(`"${format}" is not a dataset format.`, `Use one of ${DATASET_FORMATS.join(', ')}.`)
  }
  if (imageSize !== undefined && (!Number.isInteger(imageSize) || imageSize < 1 || imageSize > 4096)) {
    throw badInput(`${imageSize} is not an image size.`, 'Give a whole number of pixels from 1 to 4096.')
  }
}

async function opened(
  codec: SourceCodec,
  reason: string,
  look: SourceLook,
  options: ImportOptions
): Promise<OpenedSource> {
  const reading = readingOptionsOf(options)
  const reader = await codec.open(look, {
    ...reading,
    mixedSize: options.mixedSize,
    keepsLarge: options.keepsLarge
  })
  return { format: codec.format, reason, path: look.path, reader, reading }
}

async function recognise(
  look: SourceLook,
  depth = 0
): Promise<{ codec: SourceCodec; reason: string; look: SourceLook } | undefined> {
  for (const codec of CODECS) {
    const reason = await codec.recognise(look)
    if (reason) return { codec, reason, look }
  }
  // A folder around the dataset's own folder, as archives often unpack.
  const [inner] = look.folders
  if (inner === undefined || look.folders.length > 1 || look.files.length > 0 || depth > 3) return undefined
  return recognise(await lookAt(path.join(look.name, inner)), depth + 1)
}

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/\.(zip|tar|tgz|tar\.gz|tar\.bz2|tbz|7z|rar)$/i, 'Unpack it and name the folder.'],
  [/\.(pkl|pickle|pt|pth)$/i, 'Pickles run code when they are read: save the arrays with numpy.savez.'],
  [/\.(h5|hdf5)$/i, 'Save the arrays with numpy.savez.'],
  [/\.jsonl?$/i, 'Save it as a table: CSV, TSV or Parquet, a row for each example and a column of labels.'],
  [/\.(xlsx?|ods|numbers)$/i, 'Save the sheet as CSV, a row for each example and a column of labels.'],
  [/\.(png|jpe?g|webp|bmp|gif|tiff?)$/i, 'Name the folder that holds the class folders, not one picture.']
]

function unknownFormat(look: SourceLook): Failure {
  const remedy =
    REMEDIES.find(([pattern]) => pattern.test(look.path))?.[1] ??
    'Take a table (CSV, TSV, Parquet, Arrow), pictures in a folder for each class, NumPy arrays, or the files of MNIST, CIFAR or SVHN (docs/formats.md); or force a format with --format.'
  return badInput(`${look.name} is in no format that is known here.`, remedy)
}
