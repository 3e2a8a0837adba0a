import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { ProcessLock } from '@main/locks'
import { openWorkspace } from '@main/runs'
import { ownerLockOf } from '@main/runs/protocol'
import { bilevel, temporaryFolder, until } from '@support/command'

const dir = temporaryFolder()

const SPEC = 'task: synthetic\ntrials: 1\ndimension: 2\nupperSteps: 5\nbackend: wasm\n'

test('a sweep that began beside an open workbench trains its own runs once that is closed', async () => {
  const workspace = path.join(dir, 'workspace')
  const spec = path.join(dir, 'small.yaml')
  writeFileSync(spec, SPEC)
  // Open, as it is while windows are served; nobody here trains what waits.
  const open = openWorkspace(workspace, { owns: true })
  const order = ['sweep', spec, '--seed', '0,1', '--out', path.join(dir, 'swept'), '--json']
  const swept = bilevel([...order, '--workspace', workspace])
  await until(() => open.store.list().length === 2)
  open.close()
  const { code, stdout } = await swept
  expect(code).toBe(0)
  const { table } = JSON.parse(stdout) as { table: { rows: { runs: { state: string }[] }[] } }
  expect(table.rows.flatMap(({ runs }) => runs.map(({ state }) => state))).toEqual(['done', 'done'])
})

test('a run of a sweep that was paused elsewhere is said, and how to go on', async () => {
  const workspace = path.join(dir, 'workspace-paused')
  const spec = path.join(dir, 'small.yaml')
  writeFileSync(spec, SPEC)
  const open = openWorkspace(workspace, { owns: true })
  try {
    const order = [
      'sweep',
      spec,
      '--seed',
      '0,1',
      '--out',
      path.join(dir, 'paused'),
      '--workspace',
      workspace
    ]
    const swept = bilevel(order)
    await until(() => open.store.list().length === 2)
    const [first, second] = open.store.list()
    // As whoever trains it holds it: nobody settles it in between.
    const lock = ProcessLock.take(ownerLockOf(open.store.placesOf(first!.id).checkpointDir))
    for (const state of ['running', 'pausing', 'paused'] as const)
      open.store.move(first!.id, state, { resumable: true })
    lock?.release()
    open.store.move(second!.id, 'cancelled', { endedAt: new Date().toISOString() })
    const { code, stderr } = await swept
    const [{ id } = { id: '' }] = open.sweeps.list()
    expect(stderr).toContain(`1 run of the sweep is paused. Go on with "bilevel sweeps resume ${id}".\n`)
    expect(code).toBe(143)
  } finally {
    open.close()
  }
})
