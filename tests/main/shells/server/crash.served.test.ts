import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WorkbenchClient } from '@shared/contract'
import type { Report } from '@shared/domain/report'
import { runEvent } from '@shared/domain/run-event'
import type { RunEvent } from '@shared/domain/run-event'
import { denoisingSpec } from '@shared/domain/task-spec'
import type { DenoisingSpec } from '@shared/domain/task-spec'
import { temporaryFolder } from '@support/command'
import { serveWorkbench } from '@support/served-workbench'
import type { ServedWorkbench } from '@support/served-workbench'
import { slowSource } from '@support/slow-source'
import { untilRun } from '@support/watch-run'

/** Pictures of the import that is broken off: some blocks' worth. */
const PICTURES = 64

describe('nothing is lost when the power goes', () => {
  const dir = temporaryFolder()
  const workspace = path.join(dir, 'workspace')
  let served: ServedWorkbench
  let connection: ReturnType<ServedWorkbench['connect']>
  let client: WorkbenchClient
  let spec: DenoisingSpec
  /** A run that nothing disturbed, to measure the others by. */
  let undisturbed = { id: '', outputDir: '', report: null as Report | null }

  const open = async (): Promise<void> => {
    served = await serveWorkbench(workspace, { cwd: dir })
    connection = served.connect()
    client = connection.client
  }
  const crash = (): Promise<void> => served.stop('SIGKILL')

  beforeAll(async () => {
    await open()
    const { name } = await client.datasets.importSample({ noise: 0.3 })
    spec = denoisingSpec.parse({
      task: 'denoising',
      train: `${name}#train[0:100]`,
      trusted: `${name}#checked[0:60]`,
      test: `${name}#test[0:100]`,
      model: 'logistic',
      backend: 'wasm',
      crossValidation: 2,
      epochs: 60
    })
    const { id } = await client.runs.create({ spec })
    const { outputDir } = await untilRun(client, id, 'done')
    undisturbed = { id, outputDir, report: (await client.runs.get({ run: id })).report }
  })
  afterAll(async () => {
    connection.close()
    await served.stop()
  })

  test('the workbench is killed while a run trains: the run goes on from its checkpoint and ends the same', async () => {
    const { id } = await client.runs.create({ spec })
    const { pid } = await untilRun(client, id, ({ state, resumable }) => state === 'running' && resumable)
    await crash()
    await open()
    const found = await untilRun(client, id, 'failed')
    expect(found).toMatchObject({
      resumable: true,
      pid: null,
      failure: { code: 'process-died', remedy: expect.stringContaining('the button "Resume"') }
    })
    // Two may never write the same results: it let go of them, and ends.
    await expect.poll(() => isAlive(pid!)).toBe(false)
    await client.runs.resume({ run: id })
    const ended = await untilRun(client, id, 'done')
    expect(ended).toMatchObject({ failure: null, resumable: false })
    await expectSameResult(id, ended.outputDir)
  })

  test('the workbench is killed while it imports: no half dataset, and the same import works', async () => {
    const source = await slowSource(path.join(dir, 'pictures'), PICTURES)
    const before = await client.datasets.list()
    const order = { source, name: 'pictures', imageSize: 16 }
    const broken = importing(order, crash)
    expect(await broken).toBeInstanceOf(Error)
    const places = (): string[] => readdirSync(path.join(workspace, 'datasets')).sort()
    expect(places().filter((name) => name.startsWith('.writing-'))).toHaveLength(1)
    await open()
    expect(await client.datasets.list()).toEqual(before)
    expect(places()).toEqual(before.map(({ id }) => id).sort())
    const interrupted = {
      kind: 'import',
      title: 'pictures',
      state: 'interrupted',
      failure: { sentence: expect.stringContaining('before the import of pictures was done') }
    }
    expect(await client.jobs.list()).toMatchObject([interrupted])
    // Asked to end, it cleans up itself, and tells the same.
    expect(await importing(order, () => served.stop('SIGTERM'))).toBeInstanceOf(Error)
    expect(places()).toEqual(before.map(({ id }) => id).sort())
    await open()
    expect(await client.jobs.list()).toMatchObject([interrupted, interrupted])
    expect(await importing(order)).toMatchObject({ name: 'pictures', count: PICTURES })
  })

  test('the workbench is killed during a review: every decision told is there, and can be undone', async () => {
    const { id: run } = undisturbed
    const { flagged } = await client.reviews.issues({ run })
    const suspects = flagged.flatMap((yes, row) => (yes ? [row] : [])).slice(0, 60)
    const answered: number[] = []
    const decisions = suspects.map((row) =>
      client.reviews
        .decide({ run, changes: [{ row, decision: { action: 'drop' } }], summary: `drop ${row}` })
        .then(() => answered.push(row))
    )
    await decisions[9]
    await Promise.all([crash(), Promise.allSettled(decisions)])
    await open()
    const kept = await client.reviews.get({ run })
    const rows = kept.decisions.map(({ row }) => row)
    expect(answered.length).toBeGreaterThanOrEqual(10)
    expect(rows).toEqual(expect.arrayContaining(answered))
    const undone = await client.reviews.undo({ run })
    expect(`drop ${undone.touched[0]}`).toBe(kept.undo)
    expect((await client.reviews.get({ run })).decisions).toEqual(
      kept.decisions.filter(({ row }) => row !== undone.touched[0])
    )
    await client.reviews.redo({ run })
    expect((await client.reviews.get({ run })).decisions).toMatchObject(kept.decisions)
  })

  test('a training process is killed: only its run fails, the next one trains, and it can go on', async () => {
    const first = await client.runs.create({ spec })
    const next = await client.runs.create({ spec, name: 'next' })
    const { pid } = await untilRun(
      client,
      first.id,
      ({ state, resumable }) => state === 'running' && resumable
    )
    process.kill(pid!, 'SIGKILL')
    const failed = await untilRun(client, first.id, 'failed')
    expect(failed).toMatchObject({
      resumable: true,
      pid: null,
      failure: {
        code: 'process-died',
        sentence: expect.stringContaining('the system ended it (SIGKILL)'),
        remedy: expect.stringContaining('Continue from the last checkpoint')
      }
    })
    // It has begun to learn: how it would end, other runs say.
    await untilRun(client, next.id, ({ state, resumable }) => state === 'running' && resumable)
    await client.runs.cancel({ run: next.id })
    await client.runs.resume({ run: first.id })
    const ended = await untilRun(client, first.id, 'done')
    await expectSameResult(first.id, ended.outputDir)
    expect(served.process.exitCode).toBeNull()
  })

  /** @returns the dataset, or why there is none */
  async function importing(
    order: { source: string; name: string; imageSize: number },
    inTheMiddle?: () => Promise<void>
  ): Promise<unknown> {
    try {
      for await (const news of await client.datasets.import(order)) {
        if (news.type === 'done') return news.dataset
        if (news.done > 0) await inTheMiddle?.()
      }
    } catch (error) {
      return error
    }
    return undefined
  }

  /** As the undisturbed run ended, and not by starting over. */
  async function expectSameResult(id: string, outputDir: string): Promise<void> {
    const { report } = await client.runs.get({ run: id })
    expect(report?.metrics).toEqual(undisturbed.report?.metrics)
    expect(report?.timing.upperSteps).toBe(undisturbed.report?.timing.upperSteps)
    // Each example's weight after each epoch, also of those before the crash.
    for (const name of ['weights.npy', 'issues.csv']) {
      const [mine, theirs] = [outputDir, undisturbed.outputDir].map((dir) =>
        readFileSync(path.join(dir, name))
      )
      expect(mine!.equals(theirs!), name).toBe(true)
    }
    const written = (folder: string): RunEvent[] =>
      readFileSync(path.join(folder, 'metrics.ndjson'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => runEvent.parse(JSON.parse(line)))
    // Every step is told once, by the process that was killed or by the one that went on.
    expect(stepsIn(written(outputDir))).toEqual(stepsIn(written(undisturbed.outputDir)))
    const answered: RunEvent[] = []
    for await (const { events } of await client.runs.events({ run: id })) answered.push(...events)
    const steps = stepsIn(answered)
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b))
    expect(steps.length).toBeGreaterThan(100)
  }
})

/** Upper steps that were told. */
function stepsIn(events: readonly RunEvent[]): number[] {
  return events.flatMap((event) => (event.type === 'metric' && event.f !== undefined ? [event.step] : []))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // Ended, but not yet noticed by whoever adopted it.
    return !(existsSync(`/proc/${pid}/stat`) && /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')))
  } catch {
    return false
  }
}
