import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runOnDataset, weightChangesOnDataset } from '@main/api/run-on-dataset'
import { runsThatFound } from '@main/api/run-results'
import { npyFile } from '@main/datasets'
import { handledWorkspace } from '@support/handled-workspace'
import { seededRun } from '@support/seeded-run'

const FINDINGS = [
  { given: 'a', predicted: 'a', flagged: false },
  { given: 'b', predicted: 'a', flagged: true },
  { given: 'a', predicted: 'a', flagged: false },
  { given: 'b', predicted: 'b', flagged: false }
]

let it: ReturnType<typeof handledWorkspace>
let dataset: string
beforeEach(async () => {
  it = handledWorkspace()
  const file = path.join(it.dir, 'numbers.csv')
  writeFileSync(file, ['x,answer', '1,a', '2,b', '1,a', '2,b', ''].join('\n'))
  dataset = (await it.context.datasets.importFrom(file, { labelColumn: 'answer' })).id
})
afterEach(() => it.close())

describe('runs that looked for wrong labels in a dataset', () => {
  test('one that was ended early is among them where it left what it found', async () => {
    const early = await seededRun(it.context, dataset, FINDINGS, 'cancelled')
    const complete = await seededRun(it.context, dataset, FINDINGS)
    expect(
      runsThatFound(it.context, dataset)
        .map(({ id }) => id)
        .sort()
    ).toEqual([early, complete].sort())
    expect((await runOnDataset(it.context, early, dataset)).flagged).toEqual([1])
  })

  test('weights are told by how far they went from the first epoch to the last', async () => {
    const run = await seededRun(it.context, dataset, FINDINGS)
    const { outputDir } = it.context.workspace.store.get(run)
    mkdirSync(outputDir, { recursive: true })
    writeFileSync(
      path.join(outputDir, 'weights.npy'),
      npyFile({ shape: [3, 4], values: Float32Array.from([0.5, 0.5, 0.5, 0.5, 9, 9, 9, 9, 1, 0, 0.5, 0.75]) })
    )
    expect(await weightChangesOnDataset(it.context, run, dataset)).toEqual([0.5, -0.5, 0, 0.25])
  })

  test('a run that left no weights says so', async () => {
    const run = await seededRun(it.context, dataset, FINDINGS)
    await expect(weightChangesOnDataset(it.context, run, dataset)).rejects.toMatchObject({
      code: 'not-found'
    })
  })
})
