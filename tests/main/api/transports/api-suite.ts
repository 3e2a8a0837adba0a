import { copyFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WorkbenchClient } from '@shared/contract'
import { denoisingSpec } from '@shared/domain/task-spec'
import { untilJob } from '@support/watch-job'
import { untilRun } from '@support/watch-run'
import type { Connection } from './connection'
import { describeImportJobs } from './import-jobs-suite'

/**
 * What every transport must do alike: values, pictures, streams, cancellation, failures.
 * @param isFull also what takes long and no transport has a part in: a run, a survey, places in the queue
 */
export function describeApi(transport: string, open: () => Promise<Connection>, isFull = true): void {
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
        data: {
          code: 'not-found',
          sentence: expect.stringContaining('nothing'),
          // The command line says: See "bilevel datasets list".
          remedy: 'See the page "Datasets".'
        }
      })
    })

    test('a failure inside a stream arrives in the same way', async () => {
      const missing = path.join(connection.folder, 'missing.npz')
      await expect(lastOf(await client.datasets.import({ source: missing }))).rejects.toMatchObject({
        code: 'FAILURE',
        defined: true,
        data: { code: 'bad-input', sentence: expect.stringContaining(missing), remedy: expect.any(String) }
      })
      await expect(lastOf(await client.runs.events({ run: 'nothing' }))).rejects.toMatchObject({
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
      const file = path.resolve(import.meta.dirname, '../../../../resources/samples/digits/digits.npz')
      const copy = path.join(connection.folder, 'digits.npz')
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
      expect((await client.trust.get({ dataset: id })).marks).toMatchObject([{ row: 3, label: given[3] }])
      const { undo } = await client.datasets.remove({ dataset: id, confirmed: true })
      expect(await client.datasets.list()).toHaveLength(0)
      await client.datasets.restore({ undo })
      expect((await client.trust.get({ dataset: id })).marks).toHaveLength(1)
    })

    test('the cells of a table by their columns; none for images', async () => {
      const table = path.join(connection.folder, 'flowers.csv')
      writeFileSync(table, 'width,height,species\n5.1,3.5,setosa\n6.2,2.25,virginica\n')
      let id = ''
      for await (const news of await client.datasets.import({ source: table, labelColumn: 'species' })) {
        if (news.type === 'done') id = news.dataset.id
      }
      const values = await client.datasets.values({ dataset: id, row: 1 })
      expect(values).toEqual([
        { name: 'width', text: '6.2', role: 'number', isFeature: true },
        { name: 'height', text: '2.25', role: 'number', isFeature: true }
      ])
      await expect(client.datasets.values({ dataset: id, row: 2 })).rejects.toMatchObject({
        data: { code: 'not-found' }
      })
      await client.datasets.remove({ dataset: id, confirmed: true })
      const sample = await client.datasets.importSample({ noise: 0.1 })
      expect(await client.datasets.values({ dataset: sample.id, row: 0 })).toEqual([])
      await client.datasets.remove({ dataset: sample.id, confirmed: true })
    })

    describeImportJobs(() => connection, isFull)

    test('exports are jobs: watched by another reader, fetched from the result', async () => {
      const sample = await client.datasets.importSample({ noise: 0.1 })
      const out = path.join(connection.folder, 'as-job')
      const order = { run: null, dataset: sample.id, format: 'npz', out } as const
      const { id } = await client.jobs.export(order)
      const occupied = client.jobs.export({ ...order, format: 'images' })
      await expect(occupied).rejects.toMatchObject({ data: { code: 'conflict' } })
      const ended = await untilJob(client, id)
      expect(ended).toMatchObject({
        kind: 'export',
        title: sample.name,
        state: 'done',
        subject: { dataset: sample.id },
        result: { type: 'export', format: 'npz', examples: 1797, check: { examples: 1797 } }
      })
      const { manifest } = await lastManifest(await client.exports.write({ ...order, out: `${out}-2` }))
      expect(manifest.examples).toBe(1797)
      await client.datasets.remove({ dataset: sample.id, confirmed: true })
    })

    test.runIf(isFull)('a dataset is looked through: its map, what is left out, and its health', async () => {
      const { id, name } = await client.datasets.importSample({ kind: 'table', noise: 0.1 })
      expect(name).toBe('customers-with-wrong-labels')
      expect(await client.surveys.get({ dataset: id })).toBeNull()
      await untilJob(client, (await client.surveys.start({ dataset: id })).id)
      expect(await client.surveys.get({ dataset: id })).toMatchObject({ count: 1500 })
      const map = await client.surveys.map({ dataset: id, layout: 'pca' })
      expect(map!.size).toBe(1500 * 2 * Float32Array.BYTES_PER_ELEMENT)
      const find = (where: string): Promise<number[]> => client.surveys.find({ dataset: id, where })
      expect((await find('class = leaves')).length).toBeGreaterThan(300)
      const changes = [{ row: 7, decision: { action: 'drop' as const } }]
      await client.surveys.decide({ dataset: id, changes, summary: 'leave out 1 example' })
      const health = await client.surveys.health({ dataset: id })
      expect(health.decided).toEqual({ trusted: 0, corrected: 0, leftOut: 1 })
      await client.surveys.undo({ dataset: id })
      expect((await client.surveys.health({ dataset: id })).decided.leftOut).toBe(0)
      await client.datasets.remove({ dataset: id, confirmed: true })
    })

    test.runIf(isFull)(
      'a run: check, queue, watch, events, pause, resume exactly, review with undo',
      async () => {
        const sample = await client.datasets.importSample({ noise: 0.4 })
        const spec = denoisingSpec.parse({
          task: 'denoising',
          train: `${sample.name}#train[0:200]`,
          trusted: `${sample.name}#checked`,
          test: `${sample.name}#test`,
          model: 'logistic',
          backend: 'wasm',
          epochs: 40
        })
        const checked = await client.runs.check({ spec })
        expect(checked.problems).toEqual([])
        expect(checked.estimate?.seconds).toBeGreaterThan(0)
        expect(checked.data.map(({ role, count }) => [role, count])).toEqual([
          ['train', 200],
          ['trusted', 200],
          ['test', 400]
        ])
        expect(checked.warnings).toEqual([])
        // The checked split begins with examples of these four classes.
        const some = await client.runs.check({ spec: { ...spec, trusted: `${sample.name}#checked[0:4]` } })
        expect(some.problems).toEqual([])
        expect(some.warnings).toEqual([expect.stringMatching(/^6 of 10 classes have no trusted example: /)])
        const wrong = await client.runs.check({ spec: { ...spec, train: 'nowhere' } })
        expect(wrong.problems[0]).toMatchObject({ code: 'bad-input' })

        const straight = await client.runs.create({ spec })
        const second = await client.runs.create({ spec, name: 'second' })
        const third = await client.runs.create({ spec, name: 'third' })
        await client.runs.reorder({ run: third.id, before: second.id })
        await untilRun(client, straight.id, 'done')
        // "third" was put first: it is the one that is paused in the middle.
        await untilRun(client, third.id, 'running')
        await firstMetric(client, third.id)
        await client.runs.pause({ run: third.id })
        await untilRun(client, third.id, 'paused')
        await untilRun(client, second.id, 'running')
        await client.runs.cancel({ run: second.id })
        await untilRun(client, second.id, 'cancelled')
        await client.runs.resume({ run: third.id })
        await untilRun(client, third.id, 'done')
        const [one, other] = await Promise.all([
          client.runs.get({ run: straight.id }),
          client.runs.get({ run: third.id })
        ])
        expect(other.report?.metrics).toEqual(one.report?.metrics)

        const events = []
        for await (const batch of await client.runs.events({ run: straight.id })) events.push(...batch.events)
        expect(events.filter(({ type }) => type === 'weights').length).toBeGreaterThan(10)

        const table = await client.reviews.issues({ run: straight.id })
        expect(table.weight).toHaveLength(200)
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
        const report = await client.runs.file({ run: straight.id, path: 'report.json' })
        expect(JSON.parse(await report.text())).toMatchObject({ task: 'denoising', stopped: 'epochs' })
      }
    )
  })
}

type ExportNews =
  Awaited<ReturnType<WorkbenchClient['exports']['write']>> extends AsyncIterable<infer N> ? N : never

async function lastManifest(
  stream: AsyncIterable<ExportNews>
): Promise<Extract<ExportNews, { type: 'done' }>> {
  for await (const news of stream) if (news.type === 'done') return news
  throw new Error('The export ended without a result.')
}

/** @throws when the stream does */
async function lastOf<T>(stream: AsyncIterable<T>): Promise<T | undefined> {
  let last: T | undefined
  for await (const news of stream) last = news
  return last
}

async function firstMetric(client: WorkbenchClient, id: string): Promise<void> {
  for await (const { events } of await client.runs.events({ run: id })) {
    if (events.some(({ type }) => type === 'metric')) return
  }
}
