import { copyFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WorkbenchClient } from '@shared/contract'
import { denoisingSpec } from '@shared/domain/task-spec'
import { slowSource } from '@support/slow-source'
import { untilJob } from '@support/watch-job'
import { untilRun } from '@support/watch-run'

export interface Connection {
  readonly client: WorkbenchClient
  /** A folder that the workbench may read and write; its workspace lies in it as "workspace". */
  readonly folder: string
  /** A second reader of the same workbench. */
  another(): Promise<{ client: WorkbenchClient; close(): void }>
  close(): Promise<void>
}

/**
 * What every transport must do alike: values, pictures, streams, cancellation, failures.
 * @param trains whether a run is trained over it, too
 */
export function describeApi(transport: string, open: () => Promise<Connection>, trains = true): void {
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

    describe('an import is a job of the workbench', () => {
      const written = (): string[] =>
        readdirSync(path.join(connection.folder, 'workspace', 'datasets')).filter((name) =>
          name.startsWith('.writing-')
        )

      test('cancelled by its own button it leaves nothing, and its stream says so', async () => {
        const before = await client.datasets.list()
        const source = await slowSource(path.join(connection.folder, 'pictures'))
        const reading = async (): Promise<void> => {
          const order = { source, name: 'cancelled', imageSize: 16 }
          for await (const news of await client.datasets.import(order)) {
            if (news.type === 'progress' && news.done > 0) {
              // Pressed twice: the second has nothing more to do.
              const [one] = await Promise.allSettled([1, 2].map(() => client.jobs.cancel({ job: news.job })))
              expect(one).toMatchObject({ value: { state: 'cancelled', failure: null, result: null } })
              expect(written()).toEqual([])
            }
          }
        }
        await expect(reading()).rejects.toMatchObject({ data: { code: 'cancelled' } })
        expect(await client.datasets.list()).toEqual(before)
      })

      test('a stream that is left and a connection that is lost do not end it', async () => {
        const source = await slowSource(path.join(connection.folder, 'left'), 30)
        const other = await connection.another()
        const control = new AbortController()
        const order = { source, name: 'left alone', imageSize: 16 }
        const stream = await other.client.datasets.import(order, { signal: control.signal })
        let id = ''
        await expect(
          (async () => {
            for await (const news of stream) {
              if (news.type === 'progress') id = news.job
              control.abort()
            }
          })()
        ).rejects.toThrow()
        other.close()
        expect((await client.jobs.get({ job: id })).state).toBe('running')
        const ended = await untilJob(client, id)
        expect(ended).toMatchObject({
          kind: 'import',
          title: 'left alone',
          state: 'done',
          result: { type: 'dataset', name: 'left alone', examples: 30 }
        })
        const dataset = ended.result?.type === 'dataset' ? ended.result.dataset : ''
        const { meta } = await client.datasets.get({ dataset })
        expect(meta).toMatchObject({ count: 30, classNames: ['cats', 'dogs'], shape: [16, 16, 3] })
        const { given } = await client.datasets.labels({ dataset })
        expect(given.filter((label) => label === 1)).toHaveLength(15)
        await client.jobs.dismiss({ job: id })
        await client.jobs.dismiss({ job: id })
        expect((await client.jobs.list()).map((job) => job.id)).not.toContain(id)
        await client.datasets.remove({ dataset, confirmed: true })
      })

      test('asked for twice it is one; what does not fit at once waits in its place', async () => {
        const source = await slowSource(path.join(connection.folder, 'twice'), 12)
        const before = await client.datasets.list()
        const order = (name: string, request?: string): Parameters<typeof client.jobs.import>[0] => ({
          source,
          name,
          imageSize: 16,
          ...(request ? { request } : {})
        })
        const [first, again] = await Promise.all([
          client.jobs.import(order('one', 'request-1')),
          client.jobs.import(order('one'))
        ])
        expect(again.id).toBe(first.id)
        await client.jobs.import(order('two'))
        const third = await client.jobs.import(order('three'))
        const fourth = await client.jobs.import(order('four'))
        expect([third, fourth].map(({ state, place }) => [state, place])).toEqual([
          ['waiting', 1],
          ['waiting', 2]
        ])
        expect(await client.jobs.cancel({ job: third.id })).toMatchObject({ state: 'cancelled' })
        expect((await client.jobs.get({ job: fourth.id })).place).toBe(1)
        expect((await untilJob(client, fourth.id)).state).toBe('done')
        // The same request answers with the same job after its end, too.
        expect((await client.jobs.import(order('one', 'request-1'))).id).toBe(first.id)
        const added = (await client.datasets.list()).slice(0, -before.length || undefined)
        expect(added.map(({ name }) => name).sort()).toEqual(['four', 'one', 'two'])
        for (const { id } of added) await client.datasets.remove({ dataset: id, confirmed: true })
      })

      test('two at a time that would take the same name get names of their own', async () => {
        const sources = await Promise.all(
          ['a', 'b'].map((place) => slowSource(path.join(connection.folder, place, 'pets'), 12))
        )
        const jobs = await Promise.all(sources.map((source) => client.jobs.import({ source, imageSize: 16 })))
        const ended = await Promise.all(jobs.map(({ id }) => untilJob(client, id)))
        const results = ended.flatMap(({ result }) => (result?.type === 'dataset' ? [result] : []))
        expect(results.map(({ name }) => name).sort()).toEqual(['pets', 'pets-2'])
        for (const { dataset } of results) await client.datasets.remove({ dataset, confirmed: true })
      })

      test('a failure is told by the job: what is wrong, and what to do', async () => {
        const source = path.join(connection.folder, 'nothing.npz')
        const { id } = await client.jobs.import({ source })
        expect(await untilJob(client, id)).toMatchObject({
          state: 'failed',
          failure: { code: 'bad-input', sentence: expect.stringContaining(source) }
        })
        await expect(client.jobs.cancel({ job: id })).rejects.toMatchObject({ data: { code: 'conflict' } })
      })
    })

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

    test('a dataset is looked through: its map, what is left out, and its health', async () => {
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

    test.runIf(trains)(
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
