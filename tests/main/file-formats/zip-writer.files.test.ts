import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { storedZipSize, zipBytes, type ZipMember } from '@main/datasets'
import { ZipArchive } from '@main/file-formats/zip-archive'
import { temporaryFolder } from '@support/command'

function member(name: string, content: Buffer, compress = false): ZipMember {
  return {
    path: name,
    size: content.length,
    compress,
    bytes: () => [content.subarray(0, 5), content.subarray(5)]
  }
}

async function bytesOf(members: readonly ZipMember[]): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of zipBytes(members)) pieces.push(piece)
  return Buffer.concat(pieces)
}

test('what is put into a zip comes out of it, stored and deflated', async () => {
  const contents = new Map([
    ['empty', Buffer.alloc(0)],
    ['a/ünï/b.txt', Buffer.from('hello hello hello hello')],
    ['large', Buffer.alloc(300_000, 'abcdefg')]
  ])
  for (const compress of [false, true]) {
    const members = [...contents].map(([name, content]) => member(name, content, compress))
    const bytes = await bytesOf(members)
    if (!compress) expect(storedZipSize(members)).toBe(bytes.length)
    const file = path.join(temporaryFolder(), 'x.zip')
    writeFileSync(file, bytes)
    const zip = await ZipArchive.open(file)
    expect(zip.entries.map((entry) => entry.path)).toEqual([...contents.keys()])
    for (const entry of zip.entries) {
      expect((await zip.read(entry)).equals(contents.get(entry.path)!)).toBe(true)
      expect(entry.deflated).toBe(compress)
    }
    await zip.close()
    expect((await bytesOf(members)).equals(readFileSync(file))).toBe(true)
  }
})

test('a zip of more than 65,535 files is read again', async () => {
  const members = Array.from({ length: 65_540 }, (_, i) => member(`f${i}`, Buffer.from(String(i))))
  const bytes = await bytesOf(members)
  expect(bytes).toHaveLength(storedZipSize(members))
  const file = path.join(temporaryFolder(), 'many.zip')
  writeFileSync(file, bytes)
  const zip = await ZipArchive.open(file)
  expect(zip.entries).toHaveLength(65_540)
  expect((await zip.read(zip.entries[65_539]!)).toString()).toBe('65539')
  await zip.close()
})

test.each([false, true])(
  'a failure while a member is read is thrown to the reader (deflated: %s)',
  async (compress) => {
    const failing: ZipMember = {
      path: 'x',
      size: 1 << 20,
      compress,
      bytes: async function* () {
        yield Buffer.alloc(1 << 19)
        throw new Error('the disk is gone')
      }
    }
    await expect(bytesOf([failing])).rejects.toThrow('the disk is gone')
  }
)

test.each([10, 11, 1_000_000])(
  'a member that says another size than its own is no zip (%i bytes said)',
  async (size) => {
    for (const compress of [false, true]) {
      const wrong = { ...member('x', Buffer.alloc(12), compress), size }
      await expect(bytesOf([wrong])).rejects.toThrow(/12 bytes|11 bytes|10 bytes/)
    }
  }
)

test.each([false, true])('whoever stops reading ends the members (deflated: %s)', async (compress) => {
  let closed = 0
  const endless: ZipMember = {
    path: 'x',
    size: Number.MAX_SAFE_INTEGER,
    compress,
    bytes: async function* () {
      try {
        for (;;) yield Buffer.alloc(1 << 16, Math.random().toString())
      } finally {
        closed++
      }
    }
  }
  for await (const piece of zipBytes([endless])) if (piece.length > 1000) break
  await new Promise((resolve) => setImmediate(resolve))
  expect(closed).toBe(1)
})
