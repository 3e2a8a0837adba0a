import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { inspectSource } from '@main/datasets'
import { temporaryFolder } from '@support/command'
import { failureOf, temporaryStore } from '@support/datasets'
import { folderOf } from '@support/pictures'
import { rawZip } from '@support/raw-zip'
import { numbered, png, read, zipOf } from '@support/numbered-pictures'

describe('pictures that cannot be read', () => {
  const files = (): Record<string, Uint8Array | string> => ({
    'train/a/1.png': png[0]!,
    'train/a/2.png': '',
    'train/b/1.png': png[1]!,
    'train/b/cut.png': png[2]!.subarray(0, 60),
    'test/b/1.png': png[3]!,
    'test/b/drawing.png': '<svg width="9" height="9"/>'
  })

  it('are left out and listed, and the splits are those of the others', async () => {
    const { rows, warnings } = await read(folderOf(files()))
    expect(rows).toEqual(['0 a train', '1 b train', '3 b test'])
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(
      /^3 pictures cannot be read and are left out: train\/a\/2\.png \(it is empty\), train\/b\/cut\.png \(it cannot be decoded .*\), test\/b\/drawing\.png \(it is SVG or XML\)\.$/
    )
  })

  it('end a strict import', async () => {
    expect((await failureOf(() => read(folderOf(files()), { strict: true }))).message).toMatch(
      /2\.png is empty/
    )
  })

  it('are refused where there is no other', async () => {
    const root = folderOf({ 'a/1.png': '', 'b/2.png': 'x' })
    expect((await failureOf(() => read(root))).message).toMatch(/a\/1\.png is empty, and no other picture/)
    expect((await failureOf(() => inspectSource(root))).code).toBe('bad-input')
  })

  it('also in a zip whose data is damaged', async () => {
    const good = { name: 'a/1.png', content: png[0]!, stored: true }
    const zip = rawZip([good, { name: 'b/2.png', content: png[1]!, stored: true }])
    zip[zip.lastIndexOf('b/2.png', zip.indexOf('PK\x01\x02')) + 40]! ^= 255
    const file = path.join(temporaryFolder(), 'set.zip')
    writeFileSync(file, zip)
    const { rows, warnings } = await read(file)
    expect(rows).toEqual(['0 a -'])
    expect(warnings[0]).toMatch(/b\/2\.png \(.*its checksum is wrong\)/)
  })
})

describe('zips', () => {
  it('have UTF-8 names without the mark, and backslashes for slashes', async () => {
    const { rows } = await read(
      zipOf([
        { name: 'été/1.png', content: png[0]! },
        { name: 'x\\hiver\\1.png', content: png[1]! }
      ])
    )
    expect(rows).toEqual(['0 été -', '1 x/hiver -'])
  })

  it('have names in an encoding that must be named', async () => {
    const sjis = zipOf([
      { name: Buffer.from([0x8c, 0xa2, 0x94, 0x4c, ...Buffer.from('/1.png')]), content: png[0]! },
      { name: 'b/1.png', content: png[1]! }
    ])
    expect((await failureOf(() => read(sjis))).remedy).toMatch(/--encoding/)
    expect((await read(sjis, { encoding: 'shift_jis' })).rows).toEqual(['0 犬猫 -', '1 b -'])
    const dos = zipOf([{ name: Buffer.from([0x82, ...Buffer.from('t/1.png')]), content: png[0]! }])
    expect((await read(dos, { encoding: 'cp437' })).rows).toEqual(['0 ét -'])
    expect((await failureOf(() => read(dos, { encoding: 'klingon' }))).message).toMatch(/"klingon"/)
  })

  it('hold an entry twice: the last counts, and it is told', async () => {
    const { rows, warnings } = await read(
      zipOf([
        { name: 'a/1.png', content: png[0]! },
        { name: 'b/1.png', content: png[1]! },
        { name: 'a/1.png', content: png[2]! }
      ])
    )
    expect(rows).toEqual(['1 b -', '2 a -'])
    expect(warnings).toEqual([
      'Entries that stand more than once in the zip are read as they were added last: a/1.png.'
    ])
  })

  it('hold links and leftovers of systems, which are no pictures', async () => {
    const { rows, warnings } = await read(
      zipOf([
        { name: 'a/1.png', content: png[0]! },
        { name: 'a/link.png', content: Buffer.from('1.png'), mode: 0o120777 },
        { name: '__MACOSX/a/._1.png', content: Buffer.from('x') },
        { name: 'a/Thumbs.db', content: Buffer.from('x') }
      ])
    )
    expect(rows).toEqual(['0 a -'])
    expect(warnings).toEqual(['Links to nothing, pipes and devices are left out: a/link.png.'])
  })

  for (const [what, entries, named] of [
    ['a drive', [{ name: 'C:\\x\\1.png' }], /an absolute path/],
    ['an encrypted entry', [{ name: 'a/1.png', flags: 1 }], /is encrypted/],
    ['entries over each other', [{ name: 'a/1.png' }, { name: 'a/2.png', over: 0 }], /overlap/],
    ['a size that cannot be', [{ name: 'a/1.png', size: 200 << 20 }], /cannot hold 209715200/],
    ['an entry past the end', [{ name: 'a/1.png', compressedSize: 1 << 30 }], /ends after the end of the zip/]
  ] as const) {
    it(`with ${what} are refused`, async () => {
      const source = zipOf(entries.map((entry) => ({ content: png[0]!, ...entry })))
      expect((await failureOf(() => read(source))).message).toMatch(named)
    })
  }
})

describe.skipIf(process.platform === 'win32')('what is no file', () => {
  it('pipes and links to nothing are left out, never opened', async () => {
    const root = numbered('a/1.png', 'b/1.png')
    execFileSync('mkfifo', [path.join(root, 'a/pipe.png')])
    symlinkSync('nowhere', path.join(root, 'b/gone.png'))
    symlinkSync('self.png', path.join(root, 'b/self.png'))
    const { rows, warnings } = await read(root)
    expect(rows).toEqual(['0 a -', '1 b -'])
    expect(warnings).toEqual([
      'Links to nothing, pipes and devices are left out: a/pipe.png, b/gone.png, b/self.png.'
    ])
    const pipe = path.join(root, 'a/pipe.png')
    expect((await failureOf(() => read(pipe))).message).toMatch(/neither a file nor a folder/)
  })

  it('links in a circle are named', async () => {
    const root = numbered('a/1.png')
    symlinkSync('..', path.join(root, 'a/up'))
    expect((await failureOf(() => read(root))).message).toMatch(/a\/up is a link to a folder that it lies in/)
  })

  it('links to pictures and folders are followed', async () => {
    const root = numbered('a/1.png')
    mkdirSync(path.join(root, 'b'))
    symlinkSync('../a/1.png', path.join(root, 'b/2.png'))
    expect((await read(root)).rows).toEqual(['0 a -', '0 b -'])
  })

  it('a null character in a path is refused', async () => {
    const failure = await failureOf(() => temporaryStore().importFrom('a\0b'))
    expect(failure.message).toMatch(/null character/)
  })
})

describe.runIf(process.platform === 'linux')('names that are no text', () => {
  it('are refused by their place', async () => {
    const root = numbered('a/1.png')
    mkdirSync(Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9])]))
    expect((await failureOf(() => read(root))).message).toMatch(
      /the name of this file or folder is not UTF-8/
    )
  })
})
