import type { DatasetFormat } from '../../shared/domain/dataset'
import type { ExampleSelection } from './example-selection'
import { ExportSource } from './export/export-source'
import { whyNot } from './export/format-limits'

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
  const { format } = selection
  const splits = new ExportSource({ selection }, undefined).splits.map(({ name }) => name)
  const formats = Object.keys(TEXTS) as DatasetFormat[]
  const others = formats.filter((other) => other !== format && !whyNot(selection, other, splits))
  if (whyNot(selection, format, splits))
    return others.map((offered) => ({ format: offered, text: TEXTS[offered] }))
  return [format, ...others].map((offered) => ({ format: offered, text: TEXTS[offered] }))
}
