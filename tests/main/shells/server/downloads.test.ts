import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer, get } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ZipArchive } from '@main/file-formats/zip-archive'
import { Downloads } from '@main/shells/server/downloads'
import { failureData } from '@shared/domain/failure'
import { temporaryFolder } from '@support/command'

const LARGE = 24 << 20

describe('a folder fetched as a zip', () => {
  let server: Server
  let downloads: Downloads
  let folder: string
  let address: string

  beforeEach(async () => {
    downloads = new Downloads()
    folder = path.join(temporaryFolder(), 'my export')
    mkdirSync(path.join(folder, 'train', 'cät'), { recursive: true })
    writeFileSync(path.join(folder, 'a.bin'), Buffer.alloc(LARGE, 'abc'))
    writeFileSync(path.join(folder, 'b.bin'), Buffer.alloc(LARGE, 'xyz'))
    writeFileSync(path.join(folder, 'train', 'cät', '1.png'), 'picture')
    const key = downloads.offer(folder).replace('/download/', '')
    server = createServer((request, response) => {
      downloads
        .send(key, response, {
          headers: { 'X-Frame-Options': 'DENY' },
          bodyWanted: request.method !== 'HEAD'
        })
        .catch((error: unknown) => response.writeHead(404).end(JSON.stringify(failureData(error))))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  })
  afterEach(() => server.close())

  const fetched = (): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => get(address, { agent: false }, resolve).on('error', reject))

  /** All of it, or what it ended with. */
  async function rest(response: IncomingMessage): Promise<Buffer | 'broken off'> {
    const pieces: Buffer[] = []
    try {
      for await (const piece of response) pieces.push(piece as Buffer)
      return Buffer.concat(pieces)
    } catch {
      return 'broken off'
    }
  }

  test('holds every byte, and says its length beforehand', async () => {
    const response = await fetched()
    const bytes = await rest(response)
    if (bytes === 'broken off') throw new Error(bytes)
    expect(response.headers).toMatchObject({
      'content-length': String(bytes.length),
      'content-disposition': 'attachment; filename="my_export.zip"',
      'x-frame-options': 'DENY'
    })
    const file = path.join(temporaryFolder(), 'x.zip')
    writeFileSync(file, bytes)
    const zip = await ZipArchive.open(file)
    expect(zip.entries.map((entry) => entry.path)).toEqual([
      'my export/a.bin',
      'my export/b.bin',
      'my export/train/cät/1.png'
    ])
    const sum = (content: Buffer): string => createHash('sha256').update(content).digest('hex')
    expect(sum(await zip.read(zip.entries[1]!))).toBe(sum(Buffer.alloc(LARGE, 'xyz')))
    expect((await zip.read(zip.entries[2]!)).toString()).toBe('picture')
    await zip.close()
  })

  test.each<[string, (file: string) => void]>([
    ['vanishes', () => rmSync(folder, { recursive: true })],
    ['is cut', (file) => truncateSync(file, 10)],
    ['grows', (file) => writeFileSync(file, 'more', { flag: 'a' })],
    ['is written again', (file) => utimesSync(file, new Date(), new Date(0))]
  ])('breaks off when it %s on the way, and the server answers on', async (_, change) => {
    const response = await fetched()
    await new Promise((resolve) => response.once('readable', resolve))
    change(path.join(folder, 'b.bin'))
    expect(await rest(response)).toBe('broken off')
    const next = await fetched()
    expect([200, 404]).toContain(next.statusCode)
    next.destroy()
  })

  test('that is gone is refused in words', async () => {
    rmSync(folder, { recursive: true })
    const response = await fetched()
    expect(response.statusCode).toBe(404)
    expect(JSON.parse(String(await rest(response)))).toMatchObject({
      code: 'not-found',
      sentence: `${folder} is not there any more, so it cannot be downloaded.`
    })
  })

  test('whoever leaves in the middle ends only that', async () => {
    for (let i = 0; i < 10; i++) {
      const response = await fetched()
      await new Promise((resolve) => response.once('data', resolve))
      response.destroy()
    }
    expect((await fetched()).statusCode).toBe(200)
  })
})
