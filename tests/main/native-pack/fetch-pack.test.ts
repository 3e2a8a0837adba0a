import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failureData } from '@shared/domain/failure'
import { fetchPack } from '@main/native-pack/fetch-pack'
import type { PackFile } from '@main/native-pack/pack'
import { packList } from '@main/native-pack/pack'
import { temporaryFolder } from '@support/command'
import { smallDisk } from '@support/full-disk'

const CONTENTS = [Buffer.alloc(700_000, 'tensorflow '), Buffer.alloc(300_000, 'nvidia ')]
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const hashOf = (file: string): string => sha256(readFileSync(file))

let scratch: string
let ranges: (string | undefined)[]
let answer: (content: Buffer, request: IncomingMessage, response: ServerResponse) => void
let pack: PackFile[]
const server = createServer((request, response) => {
  ranges.push(request.headers.range)
  answer(CONTENTS[Number(request.url!.slice(1))]!, request, response)
})

/** As a file server does, without an ETag. */
function serve(content: Buffer, request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
  if (from >= content.length) return void response.writeHead(416).end()
  response.writeHead(from > 0 ? 206 : 200, { 'Content-Length': content.length - from })
  response.end(content.subarray(from))
}

/** Breaks the connection after so many bytes. */
const cutting =
  (bytes: number): typeof answer =>
  (content, _request, response) => {
    response.writeHead(200, { 'Content-Length': content.length })
    response.write(content.subarray(0, bytes), () => setTimeout(() => response.destroy(), 20))
  }

beforeEach(async () => {
  scratch = temporaryFolder()
  ranges = []
  answer = serve
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  pack = CONTENTS.map((content, i) => ({
    file: `wheel-${i}-py3-none.whl`,
    url: `http://127.0.0.1:${port}/${i}`,
    bytes: content.length,
    sha256: sha256(content)
  }))
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const failureOf = (files: readonly PackFile[], folder = scratch): Promise<ReturnType<typeof failureData>> =>
  fetchPack(files, folder).then(
    () => {
      throw new Error('It was fetched.')
    },
    (error: unknown) => failureData(error)
  )

describe('a pack', () => {
  test('is fetched, with its progress; a second time nothing is asked for', async () => {
    const seen: number[] = []
    const paths = await fetchPack(pack, scratch, {
      onProgress: (bytes, total) => seen.push(bytes / total)
    })
    expect(paths.map(hashOf)).toEqual(CONTENTS.map(sha256))
    expect(seen.at(-1)).toBe(1)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect(readdirSync(scratch).sort()).toEqual(pack.map(({ file }) => file))
    ranges = []
    await fetchPack(pack, scratch)
    expect(ranges).toEqual([])
  })

  test('that was interrupted goes on where it ended', async () => {
    answer = cutting(400_000)
    expect(await failureOf(pack)).toMatchObject({
      code: 'refused',
      sentence: expect.stringMatching(/cannot be fetched: the connection ended after \d+ bytes/),
      remedy: expect.stringContaining('it goes on from there')
    })
    const had = statSync(path.join(scratch, `${pack[0]!.file}.part`)).size
    expect(had).toBe(400_000)
    answer = serve
    ranges = []
    const seen: number[] = []
    const paths = await fetchPack(pack, scratch, { onProgress: (bytes) => seen.push(bytes) })
    expect(ranges).toEqual([`bytes=${had}-`, undefined])
    expect(seen[0]).toBeGreaterThan(had)
    expect(paths.map(hashOf)).toEqual(CONTENTS.map(sha256))
  })

  test('whose last part had arrived before the program ended is held against its hash', async () => {
    writeFileSync(path.join(scratch, `${pack[0]!.file}.part`), CONTENTS[0]!)
    const paths = await fetchPack(pack, scratch)
    expect(paths.map(hashOf)).toEqual(CONTENTS.map(sha256))
  })

  test('with another hash is thrown away, also where its beginning lay there', async () => {
    writeFileSync(path.join(scratch, `${pack[0]!.file}.part`), Buffer.alloc(1000, 'of another version '))
    expect(await failureOf(pack)).toMatchObject({
      code: 'conflict',
      sentence: expect.stringContaining(`instead of ${pack[0]!.sha256}`)
    })
    expect(readdirSync(scratch).filter((name) => !name.endsWith('.json'))).toEqual([])
    await fetchPack(pack, scratch)
    expect(hashOf(path.join(scratch, pack[0]!.file))).toBe(pack[0]!.sha256)
  })

  test('of which a file has been changed on the disk is fetched again', async () => {
    await fetchPack(pack, scratch)
    writeFileSync(path.join(scratch, pack[1]!.file), Buffer.alloc(CONTENTS[1]!.length))
    ranges = []
    await fetchPack(pack, scratch)
    expect(ranges).toEqual([undefined])
    expect(hashOf(path.join(scratch, pack[1]!.file))).toBe(pack[1]!.sha256)
  })

  test('is stopped when a person says so, and what arrived is kept', async () => {
    const abort = new AbortController()
    answer = (content, _request, response) => {
      response.writeHead(200, { 'Content-Length': content.length })
      response.write(content.subarray(0, 100_000))
    }
    const stopped = fetchPack(pack, scratch, { signal: abort.signal, onProgress: () => abort.abort() })
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
    expect(existsSync(path.join(scratch, `${pack[0]!.file}.part`))).toBe(true)
  })

  test('for which the disk has no room is refused before anything is fetched', async () => {
    const disk = smallDisk(1)
    if (!disk) return
    try {
      mkdirSync(path.join(disk.folder, 'wheels'))
      disk.fill(500_000)
      expect(await failureOf(pack, path.join(disk.folder, 'wheels'))).toMatchObject({
        code: 'bad-input',
        sentence: expect.stringMatching(
          /^The disk of .* has 0\.\d GB free, and 0\.0 GB are still to be fetched\.$/
        )
      })
      expect(ranges).toEqual([])
    } finally {
      disk.remove()
    }
  })

  test('that fills the disk ends in words, keeps what arrived, and goes on once there is room', async () => {
    const disk = smallDisk(2)
    if (!disk) return
    try {
      const folder = path.join(disk.folder, 'wheels')
      // Sizes that no server stated: the disk is found full when it is.
      const unsized = pack.map((one) => ({ ...one, bytes: 0 }))
      mkdirSync(folder)
      disk.fill(200_000)
      const failure = await failureOf(unsized, folder)
      expect(failure.code).not.toBe('internal')
      expect(`${failure.sentence} ${failure.remedy}`).toMatch(/disk|space/i)
      disk.empty()
      ranges = []
      const paths = await fetchPack(unsized, folder)
      expect(ranges[0]).toMatch(/^bytes=\d+-$/)
      expect(paths.map(hashOf)).toEqual(CONTENTS.map(sha256))
    } finally {
      disk.remove()
    }
  })
})

test.each([
  { file: '../../evil.whl', url: 'https://example.org/a', bytes: 1 },
  { file: 'a.whl', url: 'file:///etc/passwd', bytes: 1 },
  { file: 'a.whl', url: 'https://example.org/a', bytes: 2 ** 50 },
  { file: 'a.whl', url: 'https://example.org/a', bytes: 1, sha256: 'abc' }
])('a list that names $file from $url is none', (one) => {
  expect(packList.safeParse([one]).success).toBe(false)
})
