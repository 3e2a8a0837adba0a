import { statSync } from 'node:fs'
import { badInput } from '../../shared/domain/failure'
import type { IssueTable } from '../../shared/domain/review'
import { csvRecords, decimal, fromSheetCell } from '../datasets'
import { readReport } from '../runs'
import { issuesFile, reviewable } from './run-results'
import type { DenoisingRecord, ResultsContext } from './run-results'

/** Tables kept, the one used last at the end: a review asks for the same one again and again. */
const KEPT = 4
const tables = new Map<string, Promise<IssueTable>>()

/**
 * A run's issues.csv as columns.
 * @throws Failure not-found, conflict when the run has none, bad-input when the file is damaged
 */
export async function issueTable(context: ResultsContext, run: string): Promise<IssueTable> {
  const record = reviewable(context, run)
  const key = `${issuesFile(record)}\0${statSync(issuesFile(record)).mtimeMs}`
  const table = tables.get(key) ?? readTable(context, record)
  tables.delete(key)
  tables.set(key, table)
  for (const old of [...tables.keys()].slice(0, -KEPT)) tables.delete(old)
  table.catch(() => tables.delete(key))
  return table
}

async function readTable(context: ResultsContext, record: DenoisingRecord): Promise<IssueTable> {
  const train = await context.selectionOf(record.id, 'train')
  const classes = new Map(train.classNames.map((name, i) => [name, i]))
  const file = issuesFile(record)
  const table = {
    given: [] as number[],
    predicted: [] as number[],
    truth: [] as number[],
    flagged: [] as boolean[],
    weight: [] as number[],
    combined: [] as number[],
    bilevel: [] as number[],
    trusted: [] as number[],
    crossValidated: [] as number[],
    files: [] as string[]
  }
  let places: IssueColumns | undefined
  for await (const { fields, line } of csvRecords(file, file, ',')) {
    if (!places) {
      places = columnsOf(fields, file)
      continue
    }
    const textAt = (column: number): string => fromSheetCell(fields[column] ?? '')
    const numberAt = (column: number): number => decimal(textAt(column))
    const classAt = (column: number): number => {
      const index = classes.get(textAt(column))
      if (index !== undefined) return index
      throw badInput(
        `${file}, line ${line}: "${textAt(column)}" is no class of ${train.reference}.`,
        'The dataset was changed after the run: run it again.'
      )
    }
    table.given.push(classAt(places.given))
    table.predicted.push(classAt(places.predicted))
    table.flagged.push(textAt(places.flagged) === 'True')
    table.weight.push(numberAt(places.weight))
    table.combined.push(numberAt(places.combined))
    table.bilevel.push(numberAt(places.bilevel))
    table.trusted.push(numberAt(places.trusted))
    if (places.crossValidated >= 0) table.crossValidated.push(numberAt(places.crossValidated))
    if (places.truth >= 0) table.truth.push(classAt(places.truth))
    if (places.file >= 0) table.files.push(textAt(places.file))
  }
  if (!places) throw badInput(`${file} is empty.`, 'Run it again.')
  requireSameData(file, table.given.length, train.count)
  return {
    ...table,
    run: record.id,
    classNames: [...train.classNames],
    truth: places.truth < 0 ? null : table.truth,
    crossValidated: places.crossValidated < 0 ? null : table.crossValidated,
    files: places.file < 0 ? null : table.files,
    threshold: thresholdOf(readReport(record.outputDir)),
    shape: [...train.shape]
  }
}

/** Where each column stands; -1 where there is none. */
type IssueColumns = ReturnType<typeof columnsOf>

function columnsOf(names: readonly string[], file: string) {
  const place = (name: string): number => names.indexOf(name)
  for (const name of ['given_label', 'predicted_label', 'is_label_issue', 'label_score']) {
    if (place(name) < 0) throw badInput(`${file} has no column ${name}.`, 'Run it again.')
  }
  const score = (name: string): number => (place(name) < 0 ? place('label_score') : place(name))
  return {
    given: place('given_label'),
    predicted: place('predicted_label'),
    flagged: place('is_label_issue'),
    weight: place('label_score'),
    combined: score('combined_score'),
    bilevel: score('bilevel_score'),
    trusted: score('trusted_score'),
    crossValidated: place('cross_validated_score'),
    file: place('file'),
    truth: place('true_label')
  }
}

function requireSameData(file: string, lines: number, examples: number): void {
  if (lines === examples) return
  throw badInput(
    `${file} speaks of ${lines} examples, but the data now has ${examples}.`,
    'The dataset was changed after the run: run it again.'
  )
}

function thresholdOf(report: { metrics: Record<string, unknown> } | undefined): number {
  const threshold = report?.metrics['threshold']
  return typeof threshold === 'number' ? threshold : 0.5
}
