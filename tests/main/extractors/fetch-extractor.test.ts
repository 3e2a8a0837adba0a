import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DefaultExtractor } from '@main/extractors/default-extractors'
import { extractorHash, openExtractor } from '@main/extractors/extractor'
import { fetchExtractor } from '@main/extractors/fetch-extractor'
import { findExtractor, knownExtractors } from '@main/extractors/registry'
import { meanColourModel, pictureExtractor } from '@support/extractors'
import { temporaryFolder } from '@support/command'

const servers: { close(): void }[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A hub of one model, which answers as told. */
async function hub(
  answer: (file: string, request: IncomingMessage, response: ServerResponse) => void
): Promise<DefaultExtractor> {
  const server = createServer((request, response) =>
    answer(request.url!.slice('/model/'.length), request, response)
  )
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    name: 'means',
    input: 'pictures',
    text: 'Mean colours.',
    license: 'Apache-2.0',
    url: `http://127.0.0.1:${port}/model`,
    files: [{ path: 'onnx/model.onnx' }, { path: 'config.json' }, { path: 'preprocessor_config.json' }],
    bytes: 1000
  }
}

let source = ''
const bytesOf = (file: string): Buffer => readFileSync(path.join(source, file))
beforeEach(() => {
  source = pictureExtractor(temporaryFolder())
})
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The whole file, or what a range asks for. */
function serve(file: string, request: IncomingMessage, response: ServerResponse): void {
  const bytes = bytesOf(file)
  const tag = `"${sha256(bytes)}"`
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
  const isRange = from > 0 && request.headers['if-range'] === tag
  response.writeHead(isRange ? 206 : 200, {
    ETag: tag,
    'Content-Length': bytes.length - (isRange ? from : 0)
  })
  response.end(bytes.subarray(isRange ? from : 0))
}

describe('an extractor that a person fetches', () => {
  test('is whole, known by its name, and its hash is that of its files', async () => {
    const workspace = temporaryFolder()
    const seen: number[] = []
    const note = await fetchExtractor(workspace, await hub(serve), {
      onProgress: (bytes) => seen.push(bytes)
    })
    const { folder } = findExtractor(workspace, 'means')
    for (const file of ['onnx/model.onnx', 'config.json', 'preprocessor_config.json'])
      expect(readFileSync(path.join(folder, file))).toEqual(bytesOf(file))
    expect(note.hash).toBe(await extractorHash(openExtractor(source)))
    expect(seen.at(-1)).toBe(
      ['onnx/model.onnx', 'config.json', 'preprocessor_config.json'].reduce(
        (sum, file) => sum + bytesOf(file).length,
        0
      )
    )
  })

  test('goes on where the connection ended', async () => {
    const workspace = temporaryFolder()
    const ranges: (string | undefined)[] = []
    let isFirst = true
    const offered = await hub((file, request, response) => {
      if (file !== 'onnx/model.onnx') return serve(file, request, response)
      ranges.push(request.headers.range)
      if (!isFirst) return serve(file, request, response)
      isFirst = false
      const bytes = bytesOf(file)
      response.writeHead(200, { ETag: `"${sha256(bytes)}"`, 'Content-Length': bytes.length })
      // What has arrived must have been read: a reset connection drops it.
      response.write(bytes.subarray(0, 100), () => setTimeout(() => response.destroy(), 300))
    })
    await expect(fetchExtractor(workspace, offered)).rejects.toMatchObject({ code: 'refused' })
    expect(knownExtractors(workspace)).toEqual([])
    await fetchExtractor(workspace, offered)
    expect(ranges).toEqual([undefined, 'bytes=100-'])
    expect(readFileSync(path.join(findExtractor(workspace, 'means').folder, 'onnx/model.onnx'))).toEqual(
      meanColourModel()
    )
  })

  test('begins anew where the file is another by then', async () => {
    const workspace = temporaryFolder()
    let isFirst = true
    const offered = await hub((file, request, response) => {
      if (file !== 'onnx/model.onnx' || !isFirst) return serve(file, request, response)
      isFirst = false
      response.writeHead(200, { ETag: '"an earlier one"', 'Content-Length': 500 })
      response.write(Buffer.alloc(100), () => setTimeout(() => response.destroy(), 300))
    })
    await expect(fetchExtractor(workspace, offered)).rejects.toMatchObject({ code: 'refused' })
    await fetchExtractor(workspace, offered)
    expect(readFileSync(path.join(findExtractor(workspace, 'means').folder, 'onnx/model.onnx'))).toEqual(
      meanColourModel()
    )
  })

  test('follows the hub elsewhere, and is held against the hash that it states', async () => {
    const workspace = temporaryFolder()
    let stated = sha256(Buffer.from('something else'))
    const offered = await hub((file, request, response) => {
      if (file !== 'onnx/model.onnx') return serve(file.replace('elsewhere/', ''), request, response)
      response
        .writeHead(302, { Location: '/model/elsewhere/onnx/model.onnx', 'X-Linked-ETag': `"${stated}"` })
        .end()
    })
    await expect(fetchExtractor(workspace, offered)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(sha256(meanColourModel()))
    })
    expect(existsSync(path.join(workspace, 'extractors/means'))).toBe(false)
    stated = sha256(meanColourModel())
    await fetchExtractor(workspace, offered)
    expect(findExtractor(workspace, 'means').models.pictures).toBe('onnx/model.onnx')
  })

  test('that the server does not have, or that nobody serves, is refused with what to do instead', async () => {
    const workspace = temporaryFolder()
    const missing = await hub((_, __, response) => response.writeHead(404).end())
    await expect(fetchExtractor(workspace, missing)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('the server answers 404'),
      remedy: expect.stringContaining('"bilevel extractors add"')
    })
    const nobody = { ...missing, url: 'http://127.0.0.1:9/model' }
    await expect(fetchExtractor(workspace, nobody)).rejects.toMatchObject({ code: 'refused' })
  })

  test('is stopped when a person says so', async () => {
    const stop = new AbortController()
    const offered = await hub((_, __, response) => {
      response.writeHead(200, { 'Content-Length': 1000 })
      response.write(Buffer.alloc(10), () => stop.abort())
    })
    const fetched = fetchExtractor(temporaryFolder(), offered, { signal: stop.signal })
    await expect(fetched).rejects.toMatchObject({ code: 'cancelled' })
  })
})
