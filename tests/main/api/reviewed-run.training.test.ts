import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRun, trainRun } from '@main/runs'
import { issueTable } from '@shared/domain/review'
import type { IssueTable } from '@shared/domain/review'
import { report as reportSchema } from '@shared/domain/report'
import { denoisingSpec } from '@shared/domain/task-spec'
import { handledWorkspace } from '@support/handled-workspace'
import { noisyDigits } from '@support/noisy-digits'
import { reviewsOf } from '@support/procedures'

const { dir, context, close } = handledWorkspace()
const { workspace, datasets, selectionOf } = context
const reviews = reviewsOf(context)
let run: string
let table: IssueTable

const spec = denoisingSpec.parse({
  task: 'denoising',
  train: 'noisy',
  trusted: 'sample-digits#train[0:200]',
  epochs: 10,
  seed: 3
})

async function train(of: typeof spec): Promise<string> {
  const { id } = createRun({ workspace, spec: of })
  const { record } = await trainRun(workspace, id)
  expect(record.state).toBe('done')
  return id
}

beforeAll(async () => {
  await noisyDigits(datasets, dir)
  run = await train(spec)
  table = await reviews.issues({ run })
})
afterAll(close)

describe('a review of a run', () => {
  test('shows issues.csv as columns', () => {
    expect(issueTable.parse(table)).toEqual(table)
    expect(table.given).toHaveLength(600)
    expect(table.classNames).toHaveLength(10)
    expect(table.crossValidated).not.toBeNull()
    const lines = readFileSync(path.join(workspace.store.get(run).outputDir, 'issues.csv'), 'utf8')
      .trim()
      .split('\n')
    const [head, ...rows] = lines.map((line) => line.split(','))
    const row = 17
    const cell = (name: string): string => rows[row]![head!.indexOf(name)]!
    expect(table.classNames[table.given[row]!]).toBe(cell('given_label'))
    expect(table.classNames[table.truth![row]!]).toBe(cell('true_label'))
    expect(table.weight[row]).toBe(Number(cell('label_score')))
    expect(table.combined[row]).toBe(Number(cell('combined_score')))
    expect(table.flagged[row]).toBe(cell('is_label_issue') === 'True')
  })

  test('an example comes with its weight over the epochs, ending at its weight', async () => {
    const { weights } = await reviews.trajectory({ run, row: 42 })
    expect(weights).toHaveLength(10)
    expect(weights.at(-1)).toBeCloseTo(table.weight[42]!, 6)
    await expect(reviews.trajectory({ run, row: 600 })).rejects.toMatchObject({ code: 'bad-input' })
  })

  test('and with the nearest trusted examples of both classes', async () => {
    const row = table.flagged.indexOf(true)
    const { given, suggested } = await reviews.neighbours({ run, row, count: 3 })
    const trusted = await selectionOf(run, 'trusted')
    const train = await selectionOf(run, 'train')
    const example = train.readRows([row])
    const distances = Array.from(trusted.labels.keys())
      .filter((other) => trusted.labels[other] === table.given[row])
      .map((other) => Math.hypot(...trusted.readRows([other]).map((value, i) => value - example[i]!)))
      .sort((a, b) => a - b)
    given.forEach(({ distance }, i) => expect(distance).toBeCloseTo(distances[i]!, 4))
    expect(given.every(({ label }) => label === table.given[row])).toBe(true)
    expect(suggested.every(({ row: other }) => trusted.labels[other] === table.predicted[row])).toBe(true)
  })

  test('refuses decisions on rows and classes that are not there', async () => {
    const decide = (row: number, label: number): Promise<unknown> =>
      reviews.decide({
        run,
        changes: [{ row, decision: { action: 'relabel', label } }],
        summary: 'relabel'
      })
    await expect(decide(600, 0)).rejects.toMatchObject({ code: 'bad-input' })
    await expect(decide(0, 10)).rejects.toMatchObject({ code: 'bad-input' })
    expect((await reviews.get({ run })).decisions).toEqual([])
  })
})

describe('decisions', () => {
  const flagged = (): number[] => table.given.map((_, row) => row).filter((row) => table.flagged[row])

  test('carry over into a run that goes on from this one', async () => {
    const wrong = flagged().filter((row) => table.truth![row] !== table.given[row])
    const relabelled = wrong.slice(0, 20)
    const dropped = wrong.slice(20, 25)
    const kept = table.flagged.indexOf(false)
    await reviews.decide({
      run,
      changes: [
        ...relabelled.map((row) => ({
          row,
          decision: { action: 'relabel' as const, label: table.truth![row]! }
        })),
        ...dropped.map((row) => ({ row, decision: { action: 'drop' as const } })),
        { row: kept, decision: { action: 'keep' } }
      ],
      summary: 'review'
    })
    const next = denoisingSpec.parse(await reviews.continuation({ run }))
    expect(next.startFrom).toBe(workspace.store.get(run).outputDir)
    expect(Object.keys(next.corrections!)).toHaveLength(21)
    expect(next.dropped).toEqual(dropped)
    const second = await train({ ...next, epochs: 2 })
    const after = await reviews.issues({ run: second })
    for (const row of relabelled) {
      expect(after.given[row]).toBe(table.truth![row])
      expect(after.flagged[row]).toBe(false)
    }
    for (const row of dropped) {
      expect(after.flagged[row]).toBe(true)
      expect(after.weight[row]).toBeLessThan(0.01)
    }
    const inherited = await reviews.get({ run: second })
    expect(inherited.decisions).toHaveLength(26)
    expect(inherited.undo).toMatch(/26 earlier decisions/)
    // It goes on: after two epochs the weights are near the earlier ones, far from a start in the middle.
    const untouched = table.given.map((_, row) => row).filter((row) => !(row in next.corrections!))
    const distance = (of: IssueTable): number =>
      untouched.reduce((sum, row) => sum + Math.abs(of.weight[row]! - table.weight[row]!), 0) /
      untouched.length
    const fresh = await train({ ...next, epochs: 2, startFrom: undefined })
    expect(distance(after)).toBeLessThan(0.5 * distance(await reviews.issues({ run: fresh })))
    const { metrics } = reportSchema.parse(
      JSON.parse(readFileSync(path.join(workspace.store.get(second).outputDir, 'report.json'), 'utf8'))
    )
    expect(metrics).toMatchObject({ flagged: after.flagged.filter(Boolean).length })
  })

  test('a run cannot start from a folder that holds none', async () => {
    const { id } = createRun({ workspace, spec: { ...spec, startFrom: dir } })
    await expect(trainRun(workspace, id)).rejects.toMatchObject({ code: 'bad-input' })
  })
})
