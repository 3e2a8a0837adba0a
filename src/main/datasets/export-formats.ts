import type { DatasetFormat } from '../../shared/domain/dataset'
import type { ExampleSelection } from './example-selection'

export interface FormatOffer {
  readonly format: DatasetFormat
  /** What it is, for a reader who chooses. */
  readonly text: string
}

const TEXTS: Readonly<Record<DatasetFormat, string>> = {
  images: 'Image folder: one folder a class, images as files (Hugging Face ImageFolder, Keras, FiftyOne)',
  table: 'Table: CSV, one line an example, its label in a column',
  npz: 'NumPy archive (.npz): arrays x and y in one file',
  npy: 'NumPy arrays (.npy): x and y as files of their own',
  idx: 'IDX: the files of MNIST and its relatives',
  cifar: 'CIFAR binary: batches of 32 × 32 colour images',
  svhn: 'MATLAB (.mat): the files of SVHN'
}

/** Formats that can hold these data, the source's own first. */
export function formatsFor(selection: ExampleSelection): FormatOffer[] {
  const { shape, dtype, classNames, format } = selection
  const image = shape.length === 3
  const [height, width, channels] = shape
  const bytes = image && dtype === 'uint8' && classNames.length <= 256
  const usualSplits = selection.metas.every(({ splits }) =>
    splits.every(({ name }) => name === 'train' || name === 'test')
  )
  const fits: Readonly<Record<DatasetFormat, boolean>> = {
    images: image && (channels === 1 || channels === 3),
    npz: true,
    table: true,
    npy: true,
    idx: bytes,
    svhn: bytes,
    cifar: bytes && height === 32 && width === 32 && channels === 3 && usualSplits
  }
  const others = (Object.keys(fits) as DatasetFormat[]).filter((other) => other !== format && fits[other])
  return [format, ...others].map((offered) => ({ format: offered, text: TEXTS[offered] }))
}
