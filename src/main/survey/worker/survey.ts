import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { selectBackend } from '../../../engine/backends'
import { nearestNeighbours } from '../../../engine/numerics/nearest-neighbours'
import type { Survey } from '../../../shared/domain/finding'
import { ExampleSelection, pictureQualities } from '../../datasets'
import { csvLines } from '../../file-formats/csv-writer'
import type { SurveyedPart, ToSurvey } from '../protocol'
import { FINDINGS_FILE, MAP_FILES, SURVEY_FILE, VECTORS_FILE } from '../survey-files'
import { firstOfContent, nearness } from './duplicates'
import { exampleVectors, isOnlyText } from './example-vectors'
import { cellKinds, duplicateKinds, listed, outlierKind, pictureKinds } from './findings'
import type { ScoredKind } from './findings'
import { surveyProgress } from './survey-progress'
import type { Phase, Tell } from './survey-progress'

/** Neighbours of each example. */
const NEIGHBOURS = 15
const SEED = 0
/** Lines of the table that are put together at a time. */
const LINES = 5000

/** Survey examples into the target folder; survey.json is written last. */
export async function makeSurvey(
  { reference, parts, features, target }: Extract<ToSurvey, { type: 'survey' }>,
  tell: Tell,
  signal: AbortSignal
): Promise<void> {
  const began = performance.now()
  const selection = open(reference, parts)
  const embedded = features ? open(reference, features.parts) : selection
  try {
    const { count } = selection
    await selectBackend('auto')
    const reportOf = surveyProgress(looksOf(selection), count, tell)
    const step = (phase: Phase) => (done: number) => {
      signal.throwIfAborted()
      reportOf(phase)(done)
    }
    const first = firstOfContent(selection, step('looking for copies'))
    const vectors = exampleVectors(embedded, SEED, step('reading examples'))
    const neighbours = nearestNeighbours(
      vectors,
      vectors,
      NEIGHBOURS,
      (row) => row,
      step('comparing examples')
    )
    const near = nearness(neighbours, first)
    const { givenLabels: labels } = selection
    const splitOf = (row: number): string | undefined => selection.splitOf(row)
    const kinds = [
      ...duplicateKinds({ first, near, splitOf, labels }),
      outlierKind(neighbours, count),
      ...(await contentKinds(selection, step('measuring examples'), signal))
    ]
    const { width, values } = vectors
    writeArray(path.join(target, VECTORS_FILE), values)
    const plane = Float32Array.from({ length: 2 * count }, (_, i) =>
      i % 2 < width ? values[Math.floor(i / 2) * width + (i % 2)]! : 0
    )
    writeArray(path.join(target, MAP_FILES.pca), plane)
    writeTable(path.join(target, FINDINGS_FILE), selection, kinds)
    const survey: Survey = {
      schema: 1,
      reference,
      count,
      space: features ? `features of ${features.extractor}` : spaceOf(selection),
      findings: kinds.map(listed),
      seconds: Math.round((performance.now() - began) / 100) / 10
    }
    writeFileSync(path.join(target, SURVEY_FILE), JSON.stringify(survey))
  } finally {
    selection.close()
    if (embedded !== selection) embedded.close()
  }
}

function open(reference: string, parts: readonly SurveyedPart[]): ExampleSelection {
  return ExampleSelection.of(reference, parts)
}

function looksOf(selection: ExampleSelection): 'photographs' | 'pictures' | 'tables' {
  if (selection.shape.length !== 3) return 'tables'
  return selection.hasOriginal(0) ? 'photographs' : 'pictures'
}

function spaceOf(selection: ExampleSelection): string {
  if (selection.shape.length === 3) return 'pixels, averaged'
  return selection.hasTexts && isOnlyText(selection) ? 'counted letter triples' : 'standardised columns'
}

async function contentKinds(
  selection: ExampleSelection,
  onRows: (done: number) => void,
  signal: AbortSignal
): Promise<ScoredKind[]> {
  if (selection.shape.length === 3) return pictureKinds(await pictureQualities(selection, onRows, signal))
  if (!selection.cellsOf(0)) return []
  const filled = new Float32Array(selection.count)
  const lengths = selection.hasTexts ? new Float32Array(selection.count) : undefined
  for (let row = 0; row < selection.count; row++) {
    const cells = (selection.cellsOf(row) ?? []).filter(({ column }) => column.role !== 'constant')
    const texts = cells.filter(({ column }) => column.role === 'text')
    const learned = cells.filter(({ column }) => !['identifier', 'ignore'].includes(column.role))
    filled[row] = learned.filter(({ text }) => text.trim() !== '').length / Math.max(1, learned.length)
    if (lengths) lengths[row] = texts.reduce((sum, { text }) => sum + text.trim().length, 0)
    if (row % LINES === 0) onRows(row)
  }
  return cellKinds(lengths, filled)
}

function writeArray(file: string, values: Float32Array): void {
  writeFileSync(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
}

/** A line an example: what each kind says of it, in the columns of Datalab's get_issues(). */
function writeTable(file: string, selection: ExampleSelection, kinds: readonly ScoredKind[]): void {
  const { files, classNames, givenLabels, count } = selection
  const found = kinds.map((kind) => new Set(listed(kind).rows))
  const head = ['index', ...(files ? ['file'] : []), 'given_label']
  for (const { kind, partners } of kinds)
    head.push(`is_${kind}_issue`, `${kind}_score`, ...(partners ? [`${kind}_of`] : []))
  writeFileSync(file, csvLines([head]))
  for (let from = 0; from < count; from += LINES) {
    const lines = Array.from({ length: Math.min(LINES, count - from) }, (_, i) => {
      const row = from + i
      const cells = [String(row), ...(files ? [files[row]!] : []), classNames[givenLabels[row]!]!]
      kinds.forEach(({ scores, partners }, k) => {
        const isFound = found[k]!.has(row)
        cells.push(isFound ? 'True' : 'False', String(Math.round(scores[row]! * 1e4) / 1e4))
        if (partners) cells.push(isFound ? String(partners[row]) : '')
      })
      return cells
    })
    writeFileSync(file, csvLines(lines), { flag: 'a' })
  }
}
