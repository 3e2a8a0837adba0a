import { statSync } from 'node:fs'
import { badInput } from '../../shared/domain/failure'
import type { IssueTable } from '../../shared/domain/review'
import { ByteReader, csvRecords } from '../datasets'
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
  const reader = await ByteReader.openFile(file)
  try {
    const records = csvRecords(reader, ',')
    const { value: head } = await records.next()
    const names = head ? head.texts() : []
    const column = (name: string): number => names.indexOf(name)
    const has = (name: string): boolean => column(name) >= 0
    for (const name of ['given_label', 'predicted_label', 'is_label_issue', 'label_score']) {
      if (!has(name)) throw badInput(`${file} has no column ${name}.`, 'Run it again.')
    }
    const place = {
      given: column('given_label'),
      predicted: column('predicted_label'),
      flagged: column('is_label_issue'),
      weight: column('label_score'),
      combined: column(has('combined_score') ? 'combined_score' : 'label_score'),
      bilevel: column(has('bilevel_score') ? 'bilevel_score' : 'label_score'),
      trusted: column(has('trusted_score') ? 'trusted_score' : 'label_score'),
      crossValidated: column('cross_validated_score'),
      file: column('file'),
      truth: column('true_label')
    }
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
    for await (const line of records) {
      const classAt = (field: number): number => {
        const index = classes.get(line.text(field))
        if (index !== undefined) return index
        throw badInput(
          `${file}, line ${line.line}: "${line.text(field)}" is no class of ${train.reference}.`,
          'The dataset was changed after the run: run it again.'
        )
      }
      table.given.push(classAt(place.given))
      table.predicted.push(classAt(place.predicted))
      table.flagged.push(line.text(place.flagged) === 'True')
      table.weight.push(line.number(place.weight))
      table.combined.push(line.number(place.combined))
      table.bilevel.push(line.number(place.bilevel))
      table.trusted.push(line.number(place.trusted))
      if (place.crossValidated >= 0) table.crossValidated.push(line.number(place.crossValidated))
      if (place.truth >= 0) table.truth.push(classAt(place.truth))
      if (place.file >= 0) table.files.push(line.text(place.file))
    }
    requireSameData(file, table.given.length, train.count)
    return {
      ...table,
      run: record.id,
      classNames: [...train.classNames],
      truth: place.truth < 0 ? null : table.truth,
      crossValidated: place.crossValidated < 0 ? null : table.crossValidated,
      files: place.file < 0 ? null : table.files,
      threshold: thresholdOf(readReport(record.outputDir)),
      shape: [...train.shape]
    }
  } finally {
    reader.close()
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
