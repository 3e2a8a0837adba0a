import { arePhotographs } from '@renderer/ui/references'
import type { DatasetMeta } from '@shared/domain/dataset'
import { counted, shapeWords } from '@shared/words/numbers'

/** Columns that a card's lines show. */
const MOST_CELLS = 6
/** Lines of a card. */
const LINES = 2

/** What a dataset holds, as its owner would say it. */
export function holdingWords(meta: DatasetMeta): string {
  if (arePhotographs(meta)) return 'photographs'
  const { columns = [] } = meta.representation ?? {}
  if (columns.length === 0) return shapeWords(meta.shape)
  return columns.length === 1 && columns[0]!.role === 'text' ? 'texts' : counted(columns.length, 'column')
}

/** Where a card shows lines of a table and no pictures: which rows, and which of its columns, texts first. */
export function previewCells({
  count,
  shape,
  representation
}: DatasetMeta): { rows: number[]; columns: number[] } | undefined {
  const { columns = [] } = representation ?? {}
  if (shape.length !== 1 || columns.length === 0) return undefined
  const shown = columns.flatMap(({ role }, i) =>
    ['identifier', 'constant', 'ignore'].includes(role) ? [] : [i]
  )
  const texts = shown.filter((i) => columns[i]!.role === 'text')
  const step = Math.max(1, Math.floor(count / LINES))
  return {
    rows: Array.from({ length: Math.min(LINES, count) }, (_, i) => i * step),
    columns: (texts.length > 0 ? texts : shown).slice(0, MOST_CELLS)
  }
}
