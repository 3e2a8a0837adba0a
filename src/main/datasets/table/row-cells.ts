import type { DatasetMeta } from '../../../shared/domain/dataset'
import {
  featureCountOf,
  type RepresentedColumn,
  type TableRepresentation
} from '../../../shared/domain/table-columns'
import { shortestText } from '../export/shortest-text'
import { CellsReader } from '../store/cells'
import { FeatureFile } from '../store/feature-file'
import { representationOf } from './encoding'

/** A cell of a table as a person is shown it. */
export interface TableCell {
  readonly column: RepresentedColumn
  readonly text: string
}

/** The cells of a table's rows: those kept from its import, else the numbers that its features are. */
export class RowCells {
  private constructor(
    readonly representation: TableRepresentation,
    private readonly features: FeatureFile,
    private readonly cells: CellsReader | undefined
  ) {}

  /** Undefined for a dataset that is no table, or whose columns are not known. */
  static open(folder: string, meta: DatasetMeta): RowCells | undefined {
    const representation = representationOf(meta)
    if (!representation) return undefined
    return new RowCells(representation, FeatureFile.open(folder, meta), CellsReader.open(folder))
  }

  read(row: number): TableCell[] {
    const [texts = []] = this.texts(row, 1)
    return this.representation.columns.map((column, i) => ({ column, text: texts[i] ?? '' }))
  }

  /** Texts of rows from..from+count, one a column. */
  texts(from: number, count: number): string[][] {
    const { columns } = this.representation
    const { size } = this.features
    const lists = columns.some((column) => column.role === 'number' && column.width !== undefined)
    const values = !this.cells || lists ? this.values(from, count) : new Float32Array(0)
    const kept = this.cells?.read(from, count)
    return Array.from({ length: count }, (_, i) => {
      let at = i * size
      return columns.map((column, j) => {
        const width = featureCountOf(column)
        const own = values.subarray(at, at + width)
        at += width
        const isList = column.role === 'number' && column.width !== undefined
        if (kept && !isList) return kept[i]?.[j] ?? ''
        if (column.role === 'constant') return column.value ?? ''
        return Array.from(own, (value) => shortestText(value, own)).join(' ')
      })
    })
  }

  /** The features of these rows in the table's own encoding. */
  values(from: number, count: number): Float32Array {
    const values = new Float32Array(count * this.features.size)
    this.features.readFloats(from, count, values)
    return values
  }

  close(): void {
    this.features.close()
    this.cells?.close()
  }
}
