// npm run bench -- decisions [count]: what one decision more, taking it back and a page of the list cost beside many
// decisions that stand (100,000 by default), in the review of a run and in marking trusted examples: the API's own
// handlers in this process with the answer as the text that is sent, on a database that waits for its disk.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { RunData } from '@main/api/run-data'
import { DatasetStore } from '@main/datasets'
import { openWorkspace } from '@main/runs'
import { seededRun } from '../tests/support/seeded-run'
import { quantile } from './quantile'
import { reviewsOf, trustOf } from '../tests/support/procedures'

const count = Number(process.argv[2] ?? 100_000)
const ROUNDS = 50
const CLASSES = ['cat', 'dog']
/** As the window asks. */
const PAGE = 2000

const dir = mkdtempSync(path.join(os.tmpdir(), 'bilevel-decisions-'))
const workspace = openWorkspace(path.join(dir, 'workspace'))
const datasets = new DatasetStore(workspace.datasetsDir, workspace.trust)
const runData = new RunData(workspace, datasets)

/** Milliseconds of one act, its answer written as JSON. */
async function timed(act: () => Promise<unknown>): Promise<{ ms: number; bytes: number }> {
  const begun = performance.now()
  const { length } = JSON.stringify(await act())
  return { ms: performance.now() - begun, bytes: length }
}

/** The first message of a stream, which is then left. */
async function firstOf(stream: AsyncGenerator<unknown>): Promise<unknown> {
  const { value } = await stream.next()
  await stream.return(undefined)
  return value
}

async function measure(name: string, act: (round: number) => Promise<unknown>): Promise<void> {
  const spent: { ms: number; bytes: number }[] = []
  for (let round = 0; round < ROUNDS; round++) spent.push(await timed(() => act(round)))
  const columns = [0.5, 0.95, 1].map((share) =>
    quantile(
      spent.map(({ ms }) => ms),
      share
    ).toFixed(1)
  )
  const bytes = quantile(
    spent.map((each) => each.bytes),
    0.5
  )
  console.log(`| ${name} | ${columns.join(' | ')} | ${(bytes / 1000).toFixed(1)} |`)
}

try {
  const labels = Array.from({ length: count }, (_, row) => CLASSES[row % 2]!)
  const file = path.join(dir, 'table.csv')
  writeFileSync(file, `a,label\n${labels.map((label, row) => `${row % 97},${label}`).join('\n')}\n`)
  const { id: dataset } = await datasets.importFrom(file, { name: 'table' })
  const findings = labels.map((given, row) => ({ given, predicted: CLASSES[0]!, flagged: row % 2 === 1 }))
  const run = await seededRun({ workspace, datasets }, dataset, findings)
  const context = {
    workspace,
    datasets,
    shell: { allow: (place: string) => place },
    selectionOf: runData.selectionOf.bind(runData)
  }
  const reviews = reviewsOf(context)
  const trust = trustOf(context)
  const rows = Array.from(labels.keys())
  const drop = { action: 'drop' as const }
  await reviews.decide({ run, changes: rows.map((row) => ({ row, decision: drop })), summary: 'drop all' })
  await trust.mark({ dataset, marks: rows.map((row) => ({ row, label: 0 })) })

  const rowOf = (round: number): number => (round * 1009) % count
  console.log(`${count} decisions stand, ${ROUNDS} rounds. Milliseconds:\n`)
  console.log('| | median | 95 % | longest | answer, kB |\n|---|---|---|---|---|')
  await measure('review: decide one row', (round) =>
    reviews.decide({ run, changes: [{ row: rowOf(round), decision: { action: 'keep' } }], summary: 'keep' })
  )
  await measure('review: undo it', () => reviews.undo({ run, leaveOthers: false }))
  await measure('review: redo it', () => reviews.redo({ run, leaveOthers: false }))
  await measure(`review: a page of ${PAGE}`, (round) =>
    reviews.get({ run, from: (round * 1009) % Math.max(1, count - PAGE), most: PAGE })
  )
  await measure('review: the default page', () => reviews.get({ run, from: 0, most: 5000 }))
  await measure('review: the first message of the stream', async () => firstOf(await reviews.watch({ run })))
  await measure('trust: mark one row', (round) =>
    trust.mark({ dataset, marks: [{ row: rowOf(round), label: 1 }] })
  )
  await measure('trust: undo it', () => trust.undo({ dataset, leaveOthers: false }))
  await measure('trust: the first message of the stream', async () => firstOf(await trust.watch({ dataset })))
  await measure(`trust: a page of ${PAGE}`, () => trust.get({ dataset, from: 0, most: PAGE }))
} finally {
  runData.close()
  workspace.close()
  rmSync(dir, { recursive: true, force: true })
}
