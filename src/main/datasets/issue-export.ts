import { mkdirSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { IssueTable, ReviewDecision } from '../../shared/domain/review'
import type { Verdict } from '../../shared/domain/reviewer'
import { sheetLines } from '../file-formats/csv-writer'
import type { ExampleSelection } from './example-selection'
import { writeNewFolder } from './export/new-folder'
import { issueColumns } from './issue-columns'
import { stopIfCancelled } from './import-dataset'
import type { ImportWatch } from './import-options'
import { renderPicture } from './shown-pictures'

/** What a run suspects and a person decided, to be looked at in other tools. */
export interface IssueReport {
  readonly selection: ExampleSelection
  readonly table: IssueTable
  readonly decisions: readonly ReviewDecision[]
  /** What people wrote on examples, by row. */
  readonly written: ReadonlyMap<number, { readonly tags: readonly string[]; readonly note: string }>
  /** What several people said each by themselves, those of a row together; empty where one person reviewed. */
  readonly verdicts?: readonly Verdict[]
  /** Whose pictures are written. */
  readonly pictures: 'flagged' | 'all'
}

const AT_ONCE = 64

/**
 * Write issues.csv (cleanlab Datalab's columns), and for images data/ with labels.json (FiftyOne's image
 * classification dataset) and label-studio.json with its labelling configuration. Cancelled, nothing is left.
 * @returns files written, relative with forward slashes
 * @throws Failure bad-input, cancelled
 */
export async function exportIssues(
  report: IssueReport,
  out: string,
  watch: ImportWatch = {}
): Promise<string[]> {
  const { selection, table } = report
  return writeNewFolder(out, async (folder) => {
    const isImage = selection.shape.length === 3
    const pictures = isImage ? await writePictures(report, folder, watch) : new Map<number, string>()
    const write = (name: string, text: string): Promise<void> => writeFile(path.join(folder, name), text)
    await write('issues.csv', issuesText(report, pictures))
    if (isImage) {
      await write('labels.json', fiftyOne(report, pictures))
      await write('label-studio.json', labelStudio(report, pictures, path.basename(folder)))
      await write('label-studio-config.xml', labelStudioConfig(table.classNames))
    }
    stopIfCancelled(watch)
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) =>
        path.relative(folder, path.join(parentPath, name)).replaceAll(path.sep, '/')
      )
    return files.sort()
  })
}

/** Pictures by row: as they came where they were kept, else as PNG. */
async function writePictures(
  { selection, table, pictures }: IssueReport,
  folder: string,
  watch: ImportWatch
): Promise<Map<number, string>> {
  const rows = table.given.map((_, row) => row).filter((row) => pictures === 'all' || table.flagged[row])
  const digits = Math.max(5, String(selection.count).length)
  const written = new Map<number, string>()
  mkdirSync(path.join(folder, 'data'))
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    stopIfCancelled(watch)
    watch.onProgress?.(from, rows.length, 'writing pictures')
    await Promise.all(
      rows.slice(from, from + AT_ONCE).map(async (row) => {
        const original = await selection.originalOf(row)
        const extension = original ? path.extname(selection.files?.[row] ?? '') || '.png' : '.png'
        const name = `data/${String(row).padStart(digits, '0')}${extension}`
        written.set(row, name)
        await writeFile(
          path.join(folder, name),
          original ?? (await renderPicture(selection, row, 'model')).bytes
        )
      })
    )
  }
  return written
}

/** Labels as they stand after the review; null for what was dropped. */
function decidedLabel(table: IssueTable, decision: ReviewDecision | undefined, row: number): number | null {
  if (decision?.action === 'drop') return null
  return decision?.action === 'relabel' ? decision.label! : table.given[row]!
}

function byRow(decisions: readonly ReviewDecision[]): Map<number, ReviewDecision> {
  return new Map(decisions.map((decision) => [decision.row, decision]))
}

/** "Ada: keep; Ben: relabel to cat" of each row that several people judged. */
function verdictTexts(verdicts: readonly Verdict[], names: readonly string[]): ReadonlyMap<number, string> {
  const texts = new Map<number, string>()
  for (const { row, by, action, label } of verdicts) {
    const words = action === 'relabel' ? `relabel to ${names[label ?? -1] ?? '?'}` : action
    texts.set(row, [...(texts.has(row) ? [texts.get(row)!] : []), `${by}: ${words}`].join('; '))
  }
  return texts
}

function issuesText(
  { table, decisions, written, verdicts = [] }: IssueReport,
  pictures: ReadonlyMap<number, string>
): string {
  const decided = byRow(decisions)
  const names = table.classNames
  const columns = issueColumns(table, [
    ['decision', (row) => decided.get(row)?.action ?? ''],
    [
      'new_label',
      (row) => {
        const decision = decided.get(row)
        return decision?.action === 'relabel' ? names[decision.label!]! : ''
      }
    ]
  ])
  if (pictures.size > 0) columns.push(['picture', (row) => pictures.get(row) ?? ''])
  if (written.size > 0)
    columns.push(
      ['tags', (row) => written.get(row)?.tags.join(', ') ?? ''],
      ['note', (row) => written.get(row)?.note ?? '']
    )
  if (verdicts.length > 0) {
    const said = verdictTexts(verdicts, names)
    columns.push(
      ['decided_by', (row) => decided.get(row)?.by ?? ''],
      ['verdicts', (row) => said.get(row) ?? '']
    )
  }
  const rows = table.given.map((_, row) => columns.map(([, cell]) => cell(row)))
  return sheetLines([columns.map(([name]) => name), ...rows])
}

/** FiftyOneImageClassificationDataset: data/<id>.<ext> beside {classes, labels: {<id>: index or null}}. */
function fiftyOne({ table, decisions }: IssueReport, pictures: ReadonlyMap<number, string>): string {
  const decided = byRow(decisions)
  const labels = [...pictures].map(([row, picture]) => [
    path.posix.parse(picture).name,
    decidedLabel(table, decided.get(row), row)
  ])
  return `${JSON.stringify({ classes: table.classNames, labels: Object.fromEntries(labels) }, null, 1)}\n`
}

/**
 * Tasks of Label Studio for the flagged examples, the suggestion as a prediction whose score is the suspicion;
 * decisions as annotations. Pictures are named for its local storage with the folder above as document root.
 */
function labelStudio(
  { table, decisions }: IssueReport,
  pictures: ReadonlyMap<number, string>,
  folder: string
): string {
  const decided = byRow(decisions)
  const choice = (label: number): object[] => [
    {
      from_name: 'label',
      to_name: 'image',
      type: 'choices',
      value: { choices: [table.classNames[label]] }
    }
  ]
  const tasks = [...pictures]
    .filter(([row]) => table.flagged[row])
    .sort(([a], [b]) => table.combined[a]! - table.combined[b]!)
    .map(([row, picture]) => {
      const decision = decided.get(row)
      const label = decidedLabel(table, decision, row)
      return {
        data: {
          image: `/data/local-files/?d=${encodeURI(`${folder}/${picture}`)}`,
          index: row,
          given_label: table.classNames[table.given[row]!],
          ...(table.files ? { file: table.files[row] } : {})
        },
        predictions: [
          {
            model_version: table.run,
            score: 1 - table.combined[row]!,
            result: choice(table.predicted[row]!)
          }
        ],
        ...(decision
          ? { annotations: [{ result: label === null ? [] : choice(label), was_cancelled: label === null }] }
          : {})
      }
    })
  return `${JSON.stringify(tasks, null, 1)}\n`
}

function labelStudioConfig(classNames: readonly string[]): string {
  const escaped = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
  const choices = classNames.map((name) => `    <Choice value="${escaped(name)}" />`).join('\n')
  return `<View>
  <Image name="image" value="$image" />
  <Choices name="label" toName="image" choice="single">
${choices}
  </Choices>
</View>
`
}
