import { statSync } from 'node:fs'
import { COMBINED, EVIDENCE } from '../../shared/domain/evidence'
import { badInput } from '../../shared/domain/failure'
import { issueTable as issueTableSchema } from '../../shared/domain/review'
import type { IssueTable } from '../../shared/domain/review'
import { csvRecords, decimal, FLAGGED, fromSheetCell, ISSUE_COLUMN } from '../datasets'
import type { Report } from '../../shared/domain/report'
import { readReport } from '../runs'
import { issuesFile, reviewable } from './run-results'
import type { DenoisingRecord, RunResults } from './run-results'

/** Tables kept, the one used last at the end: a review asks for the same one again and again. */
const KEPT = 4
const tables = new Map<string, Promise<IssueTable>>()

/**
 * A run's issues.csv as columns.
 * @throws Failure not-found, conflict when the run has none, bad-input when the file is damaged
 */
export async function issueTable(context: RunResults, run: string): Promise<IssueTable> {
  const record = reviewable(context, run)
  const key = `${issuesFile(record)}\0${statSync(issuesFile(record)).mtimeMs}`
  const table = tables.get(key) ?? readTable(context, record)
  tables.delete(key)
  tables.set(key, table)
  for (const old of [...tables.keys()].slice(0, -KEPT)) tables.delete(old)
  table.catch(() => tables.delete(key))
  return table
}

async function readTable(context: RunResults, record: DenoisingRecord): Promise<IssueTable> {
  const train = await context.selectionOf(record.id, 'train')
  const classes = new Map(train.classNames.map((name, i) => [name, i]))
  const file = issuesFile(record)
  const table = {
    given: [] as number[],
    predicted: [] as number[],
    truth: [] as number[],
    flagged: [] as boolean[],
    files: [] as string[]
  }
  const scores = new Map<string, number[]>()
  let places: IssuePlaces | undefined
  for await (const { fields, line } of csvRecords(file, file, ',')) {
    if (!places) {
      places = placesOf(fields, file)
      for (const id of places.scores.keys()) scores.set(id, [])
      continue
    }
    const textAt = (column: number): string => fromSheetCell(fields[column] ?? '')
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
    table.flagged.push(textAt(places.flagged) === FLAGGED)
    for (const [id, column] of places.scores) {
      const score = decimal(textAt(column))
      if (Number.isNaN(score))
        throw badInput(`${file}, line ${line}: "${textAt(column)}" is no score.`, 'Run it again.')
      scores.get(id)!.push(score)
    }
    if (places.truth >= 0) table.truth.push(classAt(places.truth))
    if (places.file >= 0) table.files.push(textAt(places.file))
  }
  if (!places) throw badInput(`${file} is empty.`, 'Run it again.')
  requireSameData(file, table.given.length, train.count)
  return issueTableSchema.parse({
    ...table,
    ...Object.fromEntries([COMBINED, ...EVIDENCE].map(({ id }) => [id, scores.get(id) ?? null])),
    run: record.id,
    classNames: [...train.classNames],
    truth: places.truth < 0 ? null : table.truth,
    files: places.file < 0 ? null : table.files,
    ...cutOf(readReport(record.outputDir)),
    shape: [...train.shape]
  })
}

/** Where each column stands; -1 where there is none. */
type IssuePlaces = ReturnType<typeof placesOf>

function placesOf(names: readonly string[], file: string) {
  const place = (name: string): number => names.indexOf(name)
  const [weight] = EVIDENCE
  const { given, predicted, flagged, file: picture, truth } = ISSUE_COLUMN
  for (const name of [given, predicted, flagged, weight.column]) {
    if (place(name) < 0) throw badInput(`${file} has no column ${name}.`, 'Run it again.')
  }
  const scores = [{ ...COMBINED, always: true }, ...EVIDENCE].flatMap(({ id, column, always }) => {
    if (place(column) >= 0) return [[id, place(column)] as const]
    // Of an earlier version, which had fewer scores.
    return always ? [[id, place(weight.column)] as const] : []
  })
  return {
    given: place(given),
    predicted: place(predicted),
    flagged: place(flagged),
    scores: new Map<string, number>(scores),
    file: place(picture),
    truth: place(truth)
  }
}

function requireSameData(file: string, lines: number, examples: number): void {
  if (lines === examples) return
  throw badInput(
    `${file} speaks of ${lines} examples, but the data now has ${examples}.`,
    'The dataset was changed after the run: run it again.'
  )
}

function cutOf(report: Report | undefined): Pick<IssueTable, 'threshold' | 'isProbability'> {
  if (report?.task !== 'denoising') return { threshold: 0.5, isProbability: false }
  const { threshold, expected } = report.metrics
  return { threshold, isProbability: expected !== undefined }
}
