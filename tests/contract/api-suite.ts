import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WorkbenchClient } from '@shared/contract'
import { denoisingSpec } from '@shared/domain/task-spec'
import type { RunRecord } from '@shared/domain/run'

export interface Connection {
  readonly client: WorkbenchClient
  /** A folder that the workbench may read and write. */
  readonly folder: string
  close(): Promise<void>
}

/** What every transport must do alike: values, pictures, streams, cancellation, failures. */
export function describeApi(transport: string, open: () => Promise<Connection>): void {
  describe(`the API over ${transport}`, () => {
    let connection: Connection
    let client: WorkbenchClient
    beforeAll(async () => {
      connection = await open()
      client = connection.client
    })
    afterAll(() => connection.close())

    test('a failure arrives with its code, sentence and remedy', async () => {
      await expect(client.datasets.get({ dataset: 'nothing' })).rejects.toMatchObject({
        code: 'FAILURE',
        defined: true,
        data: { code: 'not-found', sentence: expect.stringContaining('nothing'), remedy: expect.any(String) }
      })
    })

    test('input that breaks the contract is refused', async () => {
      await expect(client.datasets.atlas({ dataset: 'x', rows: [-1], tileSize: 8 })).rejects.toMatchObject({
        code: 'BAD_REQUEST'
      })
    })

    test('datasets: import with progress, labels, pictures, trust, bin', async () => {
      const file = path.resolve(import.meta.dirname, '../../resources/samples/digits/digits.npz')
      const copy = path.join(connection.folder, 'digits.npz')
      const { copyFileSync } = await import('node:fs')
      copyFileSync(file, copy)
      const seen = await client.datasets.inspect({ source: copy })
      expect(seen).toMatchObject({ format: 'npz', count: 1797 })
      let id = ''
      for await (const news of await client.datasets.import({ source: copy, name: 'mine' })) {
        if (news.type === 'done') id = news.dataset.id
      }
      const { given, truth } = await client.datasets.labels({ dataset: id })
      expect(given).toHaveLength(1797)
      expect(truth).toBeNull()
      const atlas = await client.datasets.atlas({ dataset: id, rows: [0, 5, 9], tileSize: 8 })
      expect(atlas.type).toBe('image/png')
      expect(
        Buffer.from(await atlas.arrayBuffer())
          .subarray(1, 4)
          .toString()
      ).toBe('PNG')
      await client.trust.mark({ dataset: id, marks: [{ row: 3, label: given[3]! }] })
      expect((await client.trust.get({ dataset: id })).marks).toEqual([{ row: 3, label: given[3] }])
      const { undo } = await client.datasets.remove({ dataset: id })
      expect(await client.datasets.list()).toHaveLength(0)
      await client.datasets.restore({ undo })
      expect((await client.trust.get({ dataset: id })).marks).toHaveLength(1)
    })

    test('a cancelled stream ends, and what it was doing leaves nothing', async () => {
      const before = (await client.datasets.list()).length
      const control = new AbortController()
      const stream = await client.datasets.import(
        { source: path.join(connection.folder, 'digits.npz'), name: 'cancelled' },
        { signal: control.signal }
      )
      control.abort()
      await expect(
        (async () => {
          for await (const news of stream) if (news.type === 'done') throw new Error('It was imported.')
        })()
      ).rejects.not.toThrow('It was imported.')
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(await client.datasets.list()).toHaveLength(before)
    })

    test('a run: check, queue, watch, events, pause, resume exactly, review with undo', async () => {
      const sample = await client.datasets.importSample({ noise: 0.4 })
      const spec = denoisingSpec.parse({
        task: 'denoising',
        train: `${sample.name}#train`,
        trusted: `${sample.name}#checked`,
        test: `${sample.name}#test`,
        model: 'logistic',
        epochs: 25,
        crossValidation: 0
      })
      const checked = await client.runs.check({ spec })
      expect(checked.problems).toEqual([])
      expect(checked.estimate?.seconds).toBeGreaterThan(0)
      expect(checked.data.map(({ role, count }) => [role, count])).toEqual([
        ['train', 1197],
        ['trusted', 200],
        ['test', 400]
      ])
      const wrong = await client.runs.check({ spec: { ...spec, train: 'nowhere' } })
      expect(wrong.problems[0]).toMatchObject({ code: 'bad-input' })

      const straight = await client.runs.create({ spec })
      const second = await client.runs.create({ spec, name: 'second' })
      const third = await client.runs.create({ spec, name: 'third' })
      await client.runs.reorder({ run: third.id, before: second.id })
      await stateOf(client, straight.id, 'done')
      // "third" was put first: it is the one that is paused in the middle.
      await stateOf(client, third.id, 'running')
      await firstMetric(client, third.id)
      await client.runs.pause({ run: third.id })
      await stateOf(client, third.id, 'paused')
      await stateOf(client, second.id, 'running')
      await client.runs.cancel({ run: second.id })
      await stateOf(client, second.id, 'cancelled')
      await client.runs.resume({ run: third.id })
      await stateOf(client, third.id, 'done')
      const [one, other] = await Promise.all([
        client.runs.get({ run: straight.id }),
        client.runs.get({ run: third.id })
      ])
      expect(other.report?.metrics).toEqual(one.report?.metrics)

      const events = []
      for await (const batch of await client.runs.events({ run: straight.id })) events.push(...batch.events)
      expect(events.filter(({ type }) => type === 'weights').length).toBeGreaterThan(10)

      const table = await client.reviews.issues({ run: straight.id })
      expect(table.weight).toHaveLength(1197)
      const row = table.flagged.indexOf(true)
      await client.reviews.decide({
        run: straight.id,
        changes: [{ row, decision: { action: 'drop' } }],
        summary: 'drop one'
      })
      const undone = await client.reviews.undo({ run: straight.id })
      expect(undone.decisions).toEqual([])
      expect((await client.reviews.redo({ run: straight.id })).decisions).toMatchObject([
        { row, action: 'drop' }
      ])
      await expect(
        client.runs.file({ run: straight.id, path: '../../workbench.sqlite' })
      ).rejects.toMatchObject({
        data: { code: 'refused' }
      })
    })
  })
}

async function stateOf(client: WorkbenchClient, id: string, wanted: RunRecord['state']): Promise<void> {
  const control = new AbortController()
  for await (const list of await client.runs.watch(undefined, { signal: control.signal })) {
    const state = list.find((record) => record.id === id)?.state
    if (state === wanted) return
    if (state === 'failed') throw new Error(JSON.stringify(list.find((record) => record.id === id)?.failure))
  }
}

async function firstMetric(client: WorkbenchClient, id: string): Promise<void> {
  for await (const { events } of await client.runs.events({ run: id })) {
    if (events.some(({ type }) => type === 'metric')) return
  }
}
