import type { DatasetFormat } from '../../shared/domain/dataset'
import type { ExampleSelection } from './example-selection'
import { ExportSource } from './export/export-source'
import { FORMATS, FORMAT_NAMES } from './formats'

export interface FormatOffer {
  readonly format: DatasetFormat
  /** What it is, for a reader who chooses. */
  readonly text: string
}

/** Formats that can hold these data, the source's own first, then what more programs read. */
export function formatsFor(selection: ExampleSelection): FormatOffer[] {
  const splits = new ExportSource({ selection }, undefined).splits.map(({ name }) => name)
  const others = FORMAT_NAMES.filter((name) => name !== selection.format).reverse()
  return [selection.format, ...others]
    .filter((name) => !FORMATS[name].limit(selection, splits))
    .map((format) => ({ format, text: FORMATS[format].text }))
}
