import { readdirSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { WorkbenchClient } from '@shared/contract'
import { slowSource } from '@support/slow-source'
import { untilJob } from '@support/watch-job'
import type { Connection } from './connection'

/**
 * An import goes on whoever looks on.
 * @param isFull also how several share the places and the names, which no transport has a part in
 */
export function describeImportJobs(connection: () => Connection, isFull: boolean): void {
  describe('an import is a job of the workbench', () => {
    let client: WorkbenchClient
    beforeAll(() => {
      client = connection().client
    })
    const written = (): string[] =>
      readdirSync(path.join(connection().folder, 'workspace', 'datasets')).filter((name) =>
        name.startsWith('.writing-')
      )

    test('cancelled by its own button it leaves nothing, and its stream says so', async () => {
      const before = await client.datasets.list()
      const source = await slowSource(path.join(connection().folder, 'pictures'))
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
      const source = await slowSource(path.join(connection().folder, 'left'), 30)
      const other = await connection().another()
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

    test.runIf(isFull)(
      'asked for twice it is one; what does not fit at once waits in its place',
      async () => {
        const source = await slowSource(path.join(connection().folder, 'twice'), 12)
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
      }
    )

    test.runIf(isFull)('two at a time that would take the same name get names of their own', async () => {
      const sources = await Promise.all(
        ['a', 'b'].map((place) => slowSource(path.join(connection().folder, place, 'pets'), 12))
      )
      const jobs = await Promise.all(sources.map((source) => client.jobs.import({ source, imageSize: 16 })))
      const ended = await Promise.all(jobs.map(({ id }) => untilJob(client, id)))
      const results = ended.flatMap(({ result }) => (result?.type === 'dataset' ? [result] : []))
      expect(results.map(({ name }) => name).sort()).toEqual(['pets', 'pets-2'])
      for (const { dataset } of results) await client.datasets.remove({ dataset, confirmed: true })
    })

    test('a failure is told by the job: what is wrong, and what to do', async () => {
      const source = path.join(connection().folder, 'nothing.npz')
      const { id } = await client.jobs.import({ source })
      expect(await untilJob(client, id)).toMatchObject({
        state: 'failed',
        failure: { code: 'bad-input', sentence: expect.stringContaining(source) }
      })
      await expect(client.jobs.cancel({ job: id })).rejects.toMatchObject({ data: { code: 'conflict' } })
    })
  })
}
