import { papaparse } from './late-packages'

/** Records as lines of a CSV file: quotes where a field would be read as another without them. */
export function csvLines(records: string[][]): string {
  return records.length === 0 ? '' : `${papaparse().unparse(records, { newline: '\n' })}\n`
}

/** What a spreadsheet runs as a formula when a cell begins with it; apostrophes before it, so that one more tells. */
const FORMULA = /^'*[=+\-@\t\r]/

/**
 * A text as a cell for people, who open it in a spreadsheet: what would run there as a formula gets an apostrophe
 * before it. Numbers stay numbers. Not for data, which must read back as it was.
 */
export function sheetCell(text: string): string {
  return FORMULA.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text
}

/** The text of a sheetCell. */
export function fromSheetCell(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell
}

/** Records of cells for people as lines. */
export function sheetLines(records: string[][]): string {
  return csvLines(records.map((record) => record.map(sheetCell)))
}

/** One field, for lines of numbers that are put together by the million. */
export function csvField(text: string, delimiter: string): string {
  return papaparse().unparse([[text]], { delimiter })
}
