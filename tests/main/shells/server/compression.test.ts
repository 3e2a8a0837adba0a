import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { CompressedFiles, encodingFor } from '@main/shells/server/compression'
import type { WindowFile } from '@main/shells/server/window-files'

describe('files of the window travel compressed', () => {
  test.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip;q=1.0, br;q=0.5', 'br'],
    ['br;q=0, gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['br;q=0.0', undefined],
    ['identity', undefined],
    ['', undefined],
    [undefined, undefined]
  ])('who takes %j gets %j', (accepted, encoding) => {
    expect(encodingFor(accepted)).toBe(encoding)
  })

  test('as each encoding, with nothing lost, and made once', async () => {
    const body = Buffer.from('let wrong = labels\n'.repeat(1000))
    const script: WindowFile = { body, type: 'text/javascript; charset=utf-8', lasting: true }
    const files = new CompressedFiles()
    const packed = (await files.get(script, 'br'))!
    expect(brotliDecompressSync(packed)).toEqual(body)
    expect(packed.length).toBeLessThan(200)
    expect(await files.get(script, 'br')).toBe(packed)
    expect(gunzipSync((await files.get(script, 'gzip'))!)).toEqual(body)
  })

  test('pictures, fonts and small files travel as they are', () => {
    const files = new CompressedFiles()
    const large = Buffer.alloc(5000)
    expect(files.get({ body: large, type: 'font/woff2', lasting: true }, 'br')).toBeUndefined()
    expect(files.get({ body: large, type: 'image/png', lasting: true }, 'br')).toBeUndefined()
    expect(
      files.get({ body: Buffer.alloc(1000), type: 'text/css; charset=utf-8', lasting: true }, 'br')
    ).toBeUndefined()
  })
})
