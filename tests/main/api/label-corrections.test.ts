import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { exportCopy } from '@main/api'
import { DatasetStore, importNoisySample, pinSpec, readingOf, resolveReference } from '@main/datasets'
import { openWorkspace } from '@main/runs'
import { denoisingSpec } from '@shared/domain/task-spec'
import { temporaryFolder } from '@support/command'

test('labels corrected in marking trust are exported and trained on; undone, they are not', async () => {
  const dir = temporaryFolder()
  const workspace = openWorkspace(path.join(dir, 'workspace'))
  onTestFinished(() => {
    workspace.close()
  })
  const store = new DatasetStore(workspace.datasetsDir, workspace.trust)
  const { id, name } = await importNoisySample(store, 0.3)
  const source = store.open(id)
  const given = Array.from(source.givenLabels)
  const truth = Array.from(source.truth!)
  const wrong = given.map((_, row) => row).filter((row) => given[row] !== truth[row])
  const corrected = wrong.slice(0, 23)
  for (const row of corrected) {
    const mark = { row, decision: { action: 'relabel' as const, label: truth[row]! } }
    workspace.trust.log.decide(id, [mark], `trust ${row}`)
  }
  source.close()
  const expected = given.map((label, row) => (corrected.includes(row) ? truth[row]! : label))

  const spec = denoisingSpec.parse({ task: 'denoising', train: name, trusted: `${name}#trusted` })
  const pinned = denoisingSpec.parse(await pinSpec(store, spec))
  store.rename(id, 'renamed')
  const now = store.open('renamed')
  onTestFinished(() => now.close())
  expect(Array.from(now.labels)).toEqual(expected)
  const out = path.join(dir, 'out')
  const copied = await exportCopy(now, {
    format: 'npz',
    out,
    withoutPoisons: false,
    decisions: store.decisions
  })
  expect(copied.corrected).toBe(23)
  const read = await resolveReference(store, out)
  onTestFinished(() => read.close())
  expect(copied.result.order.every((row, place) => read.labels[place] === expected[row])).toBe(true)
  const manifest = JSON.parse(readFileSync(path.join(out, 'manifest.json'), 'utf8')) as {
    changes: { row: number; decidedBy: string; by: string; at: string; given: string; label: string }[]
  }
  expect(manifest.changes.map(({ row }) => row)).toEqual(corrected)
  for (const change of manifest.changes) {
    expect(change).toMatchObject({ decidedBy: 'trust', by: workspace.user })
    expect([change.given, change.label]).toEqual([String(given[change.row]), String(truth[change.row])])
    expect(Date.parse(change.at)).toBeGreaterThan(0)
  }

  for (let i = 0; i < 23; i++) workspace.trust.log.undo(id)
  const undone = store.open(id)
  onTestFinished(() => undone.close())
  expect(Array.from(undone.labels)).toEqual(given)
  // A training process has no database: it takes the labels as they were when the run was created.
  const trained = await resolveReference(new DatasetStore(workspace.datasetsDir), name, readingOf(pinned))
  onTestFinished(() => trained.close())
  expect(Array.from(trained.labels)).toEqual(expected)
})
