import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { ClientRequest } from 'node:http'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setTimeouts, startServer } from '@main/shells/server'
import type { RunningServer } from '@main/shells/server'
import { builtWindow } from '@main/shells/server/built-window'
import { temporaryFolder } from '@support/command'
import { smallDisk } from '@support/full-disk'
import { rawRequest } from '@support/raw-request'
import type { RawAnswer } from '@support/raw-request'

const LIMIT = 1 << 20

describe('uploads', () => {
  const dir = temporaryFolder()
  const disk = smallDisk(12)
  const workspace = path.join(disk?.folder ?? dir, 'workspace')
  const uploads = path.join(workspace, 'uploads')
  let server: RunningServer

  beforeAll(async () => {
    server = await startServer({
      workspace,
      window: await builtWindow(() => undefined),
      folders: [dir],
      uploadLimit: LIMIT,
      token: 'known',
      examine: () => Promise.resolve([])
    })
  })
  afterAll(async () => {
    await server.close()
    disk?.remove()
  })

  /** An upload whose bytes are sent when the test says so. */
  function begin(
    name: string,
    headers: Record<string, string | number> = {}
  ): {
    sent: ClientRequest
    answer: Promise<RawAnswer>
  } {
    const { hostname, port, origin } = new URL(server.url)
    const sent = request({
      hostname,
      port,
      method: 'PUT',
      path: `/upload/${name}`,
      agent: false,
      headers: { origin, cookie: `bilevel-${port}=known`, ...headers }
    })
    const answer = new Promise<RawAnswer>((resolve, reject) => {
      sent.on('error', reject)
      sent.on('response', (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => (text += part))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
        )
      })
    })
    answer.catch(() => undefined)
    return { sent, answer }
  }

  /** Until the server holds a part of it. */
  async function arrived(count: number): Promise<void> {
    const parts = (): string[] =>
      existsSync(uploads) ? readdirSync(uploads).filter((name) => name.startsWith('.writing-')) : []
    while (parts().length !== count) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  const origin = (): string => new URL(server.url).origin
  const writing = (): Record<string, string> => ({
    origin: origin(),
    cookie: `bilevel-${new URL(server.url).port}=known`
  })

  test.each([
    '../escaped.csv',
    '%2e%2e/escaped.csv',
    '..%2fescaped.csv',
    '%2e%2e%2f%2e%2e%2fescaped.csv',
    'a/../../escaped.csv',
    '..%5cescaped.csv',
    'a%00.csv',
    'a//b.csv',
    '',
    `${'a/'.repeat(20)}b.csv`
  ])('an upload called "%s" is refused', async (name) => {
    const answer = await rawRequest(origin(), {
      method: 'PUT',
      path: `/upload/${randomUUID()}/${name}`,
      headers: writing(),
      body: ['a,label\n']
    })
    expect(answer.status).toBe(403)
    expect(JSON.parse(answer.text)).toMatchObject({
      code: 'refused',
      sentence: 'The name of an uploaded file may not lead out of its folder.',
      remedy: expect.any(String)
    })
  })

  test('nor may the upload itself have another name than its own', async () => {
    for (const id of ['..', '%2e%2e', 'x', `${randomUUID()}x`]) {
      const path = `/upload/${id}/a.csv`
      const answer = await rawRequest(origin(), { method: 'PUT', path, headers: writing(), body: ['a'] })
      expect(answer.status).toBe(403)
    }
    expect(existsSync(uploads) ? readdirSync(uploads) : []).toEqual([])
    expect(readdirSync(workspace)).not.toContain('escaped.csv')
  })

  test('two of one name at the same time: the second is refused, the first is whole', async () => {
    const id = randomUUID()
    const first = begin(`${id}/x.bin`)
    first.sent.write(Buffer.alloc(1000, 'a'))
    await arrived(1)
    const second = begin(`${id}/x.bin`)
    second.sent.end(Buffer.alloc(1000, 'b'))
    const refused = await second.answer
    expect(refused.status).toBe(409)
    expect(JSON.parse(refused.text)).toMatchObject({
      code: 'conflict',
      sentence: 'x.bin is being sent already.'
    })
    first.sent.end(Buffer.alloc(500, 'a'))
    expect((await first.answer).status).toBe(200)
    expect(readFileSync(path.join(uploads, id, 'x.bin'), 'utf8')).toBe('a'.repeat(1500))
    // Once it has ended, the name is free again.
    const third = begin(`${id}/x.bin`)
    third.sent.end('new')
    expect((await third.answer).status).toBe(200)
    expect(readFileSync(path.join(uploads, id, 'x.bin'), 'utf8')).toBe('new')
  })

  test.each(['one', 'another'])(
    'those that run at the same time share the limit (%s upload)',
    async (which) => {
      const id = randomUUID()
      const other = which === 'one' ? id : randomUUID()
      const first = begin(`${id}/a.bin`, { 'content-length': 600_000 })
      first.sent.write(Buffer.alloc(1000))
      await arrived(1)
      const second = begin(`${other}/b.bin`, { 'content-length': 600_000 })
      second.sent.end(Buffer.alloc(600_000))
      expect((await second.answer).status).toBe(413)
      // Without a length it is stopped where it goes beyond.
      const third = begin(`${other}/c.bin`)
      third.sent.write(Buffer.alloc(300_000))
      third.sent.end(Buffer.alloc(300_000))
      expect((await third.answer).status).toBe(413)
      first.sent.end(Buffer.alloc(599_000))
      expect((await first.answer).status).toBe(200)
      const last = begin(`${randomUUID()}/d.bin`, { 'content-length': 600_000 })
      last.sent.end(Buffer.alloc(600_000))
      expect((await last.answer).status).toBe(200)
    }
  )

  test('one that is cut off leaves nothing, and gives its share back', async () => {
    const before = readdirSync(uploads)
    for (const bytes of [0, 1, 700_000]) {
      const id = randomUUID()
      const { sent } = begin(`${id}/deep/x.bin`, { 'content-length': 900_000 })
      sent.write(Buffer.alloc(bytes))
      sent.flushHeaders()
      await arrived(1)
      sent.destroy()
      await arrived(0)
      expect(readdirSync(uploads)).toEqual(before)
    }
    const full = begin(`${randomUUID()}/x.bin`, { 'content-length': LIMIT })
    full.sent.end(Buffer.alloc(LIMIT))
    expect((await full.answer).status).toBe(200)
  })

  test.skipIf(!disk)('what the disk has no room for is refused, before and on the way', async () => {
    const id = randomUUID()
    disk?.fill(300_000)
    const announced = begin(`${id}/x.bin`, { 'content-length': 700_000 })
    announced.sent.end(Buffer.alloc(700_000))
    const before = await announced.answer
    expect(before.status).toBe(403)
    expect(JSON.parse(before.text)).toMatchObject({
      sentence: 'x.bin needs 0.7 MiB, but the disk of the workspace has only 0.3 MiB free.'
    })
    const unannounced = begin(`${id}/x.bin`)
    unannounced.sent.write(Buffer.alloc(350_000))
    unannounced.sent.end(Buffer.alloc(350_000))
    const onTheWay = await unannounced.answer
    expect(onTheWay.status).toBe(403)
    expect(JSON.parse(onTheWay.text)).toMatchObject({
      code: 'refused',
      sentence: 'The disk is full: x.bin could not be written.'
    })
    expect(readdirSync(uploads)).not.toContain(id)
    disk?.empty()
  })
})

test('an upload without a known length is stopped at the limit, and the sender hears it', async () => {
  const dir = temporaryFolder()
  const workspace = path.join(dir, 'workspace')
  const server = await startServer({
    workspace,
    window: await builtWindow(() => undefined),
    folders: [dir],
    uploadLimit: 1000,
    token: 'known',
    examine: () => Promise.resolve([])
  })
  try {
    const { origin, port } = new URL(server.url)
    const id = randomUUID()
    const send = (name: string, bytes: number): ReturnType<typeof rawRequest> =>
      rawRequest(origin, {
        method: 'PUT',
        path: `/upload/${id}/${name}`,
        headers: { origin, cookie: `bilevel-${port}=known`, 'transfer-encoding': 'chunked' },
        body: Array.from({ length: bytes / 100 }, () => Buffer.alloc(100))
      })
    expect((await send('a', 600)).status).toBe(200)
    // Together with what is there already.
    const second = await send('b', 100_000)
    expect(second.status).toBe(413)
    expect(JSON.parse(second.text)).toMatchObject({ code: 'refused' })
    expect(readdirSync(path.join(workspace, 'uploads', id))).toEqual(['a'])
    expect((await send('c', 400)).status).toBe(200)
  } finally {
    await server.close()
  }
})

test('an upload may last as long as it moves; headers and silence have their limits', () => {
  const server = createServer()
  setTimeouts(server)
  expect(server.requestTimeout).toBe(0)
  expect(server.headersTimeout).toBeGreaterThan(0)
  expect(server.timeout).toBeGreaterThan(0)
})
