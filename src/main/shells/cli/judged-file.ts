import { badInput } from '../../../shared/domain/failure'

/** Judged labels at most: the file is one that a person filled in. */
const MOST = 1_000_000

/**
 * Labels that a person gave, by row: a CSV file with the columns "index" and "label"; a row without a label is not
 * judged.
 * @throws Failure bad-input that names the line
 */
export async function readJudged(
  file: string,
  classNames: readonly string[],
  count: number
): Promise<Map<number, number>> {
  const { csvRecords, fromSheetCell } = await import('../../datasets')
  const classes = new Map(classNames.map((name, label) => [name, label]))
  const judged = new Map<number, number>()
  let places: { index: number; label: number } | undefined
  for await (const { fields, line } of csvRecords(file, file, ',')) {
    const cells = fields.map((cell) => fromSheetCell(cell).trim())
    if (!places) {
      places = { index: cells.indexOf('index'), label: cells.indexOf('label') }
      if (places.index >= 0 && places.label >= 0) continue
      throw badInput(
        `${file} (--judged) has no column ${places.index < 0 ? 'index' : 'label'}.`,
        'Take a file that "bilevel runs ask" writes.'
      )
    }
    const name = cells[places.label] ?? ''
    if (name === '') continue
    const row = Number(cells[places.index])
    if (!Number.isInteger(row) || row < 0 || row >= count || cells[places.index] === '') {
      throw badInput(
        `${file} (--judged), line ${line}: there is no example "${cells[places.index]}".`,
        `Examples are 0..${count - 1}.`
      )
    }
    const label = classes.get(name)
    if (label === undefined) {
      throw badInput(
        `${file} (--judged), line ${line}: "${name}" is no class.`,
        `Take one of ${classNames.slice(0, 20).join(', ')}.`
      )
    }
    if (judged.size >= MOST)
      throw badInput(`${file} (--judged) has more than ${MOST} labels.`, 'Name a smaller file.')
    judged.set(row, label)
  }
  return judged
}
