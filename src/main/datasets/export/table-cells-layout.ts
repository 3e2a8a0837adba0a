import * as z from 'zod'
import { featureNamesOf, type GivenRole, type RepresentedColumn } from '../../../shared/domain/table-columns'
import { representationOf } from '../table/encoding'
import type { ExportSource } from './export-source'

/** Columns of a table as it is written, the label among them. */
export interface TableLayout {
  readonly columns: readonly string[]
  readonly label: number
  /** Texts of a row but its label; undefined where they are the features. */
  fieldsOf?(position: number): string[]
}

/** A table written as the cells that its rows have in their source. */
export interface CellLayout extends TableLayout {
  fieldsOf(position: number): string[]
  /** DuckDB's types, where the source tells them. */
  readonly types: ReadonlyMap<string, string>
  /** What each column is for: a reader shall find the same. */
  readonly roles: readonly (readonly [string, GivenRole])[]
}

const place = z.object({ label: z.int(), truth: z.int().optional() })

/**
 * The layout of a table's own cells; undefined where rows have none: examples of other formats, added ones, tables of
 * different columns. Where all cells are numbers and features, the features say the same.
 */
export function writtenCells(source: ExportSource): CellLayout | undefined {
  const { selection, request, order } = source
  const layout = source.layoutFor('table')
  const [first] = selection.metas
  const label = z.array(place).safeParse(layout.tables).data?.[0]
  const columns = first && representationOf(first)?.columns
  if (!columns || !label || request.extra) return undefined
  if (columns.every(({ role }) => role === 'number') && !columns.some((column) => 'empty' in column))
    return undefined
  const names = columns.map(({ name }) => name).join('\n')
  for (const meta of selection.metas)
    if (
      representationOf(meta)
        ?.columns.map(({ name }) => name)
        .join('\n') !== names
    )
      return undefined
  const written = columns.map((column, i) => ({ column, i })).filter(({ column }) => !isUnread(column))
  const before = label.label - Number(label.truth !== undefined && label.truth < label.label)
  const at = columns.slice(0, before).reduce((sum, column) => sum + fieldNames(column).length, 0)
  const known = layout.types as Record<string, string> | undefined
  const fields = written.flatMap(({ column }) => fieldNames(column))
  return {
    columns: fields.toSpliced(at, 0, String(layout.labelColumn)),
    label: at,
    types: new Map(known ? fields.map((name) => [name, known[name] ?? 'VARCHAR']) : []),
    roles: written.flatMap(({ column }) => fieldNames(column).map((name) => [name, roleOf(column)] as const)),
    fieldsOf: (position) => {
      const cells = selection.cellsOf(order[position]!) ?? []
      return written.flatMap(({ column, i }) => {
        const text = cells[i]?.text ?? ''
        return isList(column) ? text.split(' ') : [text]
      })
    }
  }
}

function isUnread(column: RepresentedColumn): boolean {
  return 'unread' in column && column.unread === true
}

function isList(column: RepresentedColumn): boolean {
  return column.role === 'number' && column.width !== undefined
}

function fieldNames(column: RepresentedColumn): string[] {
  if (isUnread(column)) return []
  return isList(column) ? featureNamesOf(column) : [column.name]
}

function roleOf({ role }: RepresentedColumn): GivenRole {
  return role === 'identifier' || role === 'constant' ? 'ignore' : role
}
