import { cpSync, renameSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { createRun, openWorkspace } from '@main/runs'
import { denoisingSpec } from '@shared/domain/task-spec'
import { temporaryFolder } from '@support/command'

const dir = temporaryFolder()

const spec = denoisingSpec.parse({ task: 'denoising', train: 'a', trusted: 'b' })

test('runs of a workspace that was moved, then copied, are where it is; results outside of it stay', () => {
  const [first, moved, copied] = ['first', 'moved', 'copied'].map((name) => path.join(dir, name)) as [
    string,
    string,
    string
  ]
  const before = openWorkspace(first)
  const inside = createRun({ workspace: before, spec })
  const outside = createRun({ workspace: before, spec, outputDir: path.join(dir, 'results') })
  expect(inside.outputDir).toBe(path.join(first, 'runs', inside.id, 'results'))
  before.close()
  renameSync(first, moved)
  openWorkspace(moved).close()
  cpSync(moved, copied, { recursive: true })
  for (const where of [moved, copied]) {
    const { store, close } = openWorkspace(where)
    expect(store.get(inside.id).outputDir).toBe(path.join(where, 'runs', inside.id, 'results'))
    expect(store.placesOf(inside.id).checkpointDir).toBe(path.join(where, 'runs', inside.id, 'checkpoint'))
    expect(store.get(outside.id).outputDir).toBe(path.join(dir, 'results'))
    expect(store.placesOf(outside.id).checkpointDir).toBe(path.join(where, 'runs', outside.id, 'checkpoint'))
    close()
  }
})
