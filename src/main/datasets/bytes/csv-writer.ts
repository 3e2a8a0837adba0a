import Papa from 'papaparse'

/** Records as lines of a CSV file: quotes where a field would be read as another without them. */
export function csvLines(records: string[][]): string {
  return records.length === 0 ? '' : `${Papa.unparse(records, { newline: '\n' })}\n`
}

/** One field, for lines of numbers that are put together by the million. */
export function csvField(text: string, delimiter: string): string {
  return Papa.unparse([[text]], { delimiter })
}
