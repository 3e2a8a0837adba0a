import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { exportDataset, inspectSource, type ExampleSelection, type ImportOptions } from '@main/datasets'
import { failureOf, select, temporaryFolder, temporaryStore } from '@support/datasets'
import { folderOf, plainPng } from '@support/pictures'
import { rawZip, type RawEntry } from '@support/raw-zip'

/** Pictures whose first byte is their number. */
let png: Buffer[]
beforeAll(async () => {
  png = await Promise.all(Array.from({ length: 12 }, (_, i) => plainPng(i, 50, 99)))
})

/** What stands in each row: first byte of the pixels, class, split. */
function rowsOf(selection: ExampleSelection): string[] {
  const size = selection.shape.reduce((product, side) => product * side, 1)
  const pixels = selection.readRaw(Array.from({ length: selection.count }, (_, i) => i))
  return Array.from(
    { length: selection.count },
    (_, i) =>
      `${pixels[i * size]} ${selection.classNames[selection.labels[i]!]} ${selection.splitOf(i) ?? '-'}`
  ).sort()
}

async function read(
  source: string,
  options: ImportOptions = {}
): Promise<{ rows: string[]; warnings: string[] }> {
  const selection = await select(temporaryStore(), source, options)
  return { rows: rowsOf(selection), warnings: selection.metas.flatMap(({ warnings = [] }) => warnings) }
}

/** A folder of numbered pictures by path. */
function numbered(...paths: string[]): string {
  return folderOf(Object.fromEntries(paths.map((name, i) => [name, png[i]!])))
}

function zipOf(entries: readonly RawEntry[]): string {
  const file = path.join(temporaryFolder(), 'set.zip')
  writeFileSync(file, rawZip(entries))
  return file
}

describe('what folders mean', () => {
  const LAYOUTS: Record<string, { paths: string[]; rows: string[]; warns?: RegExp }> = {
    'splits above classes': {
      paths: ['train/a/1.png', 'Validation/b/1.png', 'test/a/1.png'],
      rows: ['0 a train', '1 b val', '2 a test']
    },
    'a test set without classes is left out': {
      paths: ['train/a/1.png', 'train/b/1.png', 'test/1.png', 'test/2.png'],
      rows: ['0 a train', '1 b train'],
      warns: /2 pictures in "test" without a class folder: left out/
    },
    'folders twice, and pictures to predict': {
      paths: ['seg_train/seg_train/a/1.png', 'seg_test/seg_test/b/1.png', 'seg_pred/seg_pred/1.png'],
      rows: ['0 a train', '1 b test'],
      warns: /1 picture in "seg_pred" without a class folder: left out/
    },
    'names with the split as a word': {
      paths: ['x/train_images/a/1.png', 'x/test_images/b/1.png', 'x/val2017/b/2.png'],
      rows: ['0 a train', '1 b test', '2 b val']
    },
    'classes above splits': {
      paths: ['a/train/1.png', 'a/test/1.png', 'b/train/1.png', 'b/test/1.png'],
      rows: ['0 a train', '1 a test', '2 b train', '3 b test'],
      warns: /classes hold the splits/
    },
    'objects, splits and defects': {
      paths: ['cup/train/good/1.png', 'cup/test/bad/1.png', 'pen/train/good/1.png', 'pen/test/good/1.png'],
      rows: ['0 cup/good train', '1 cup/bad test', '2 pen/good train', '3 pen/good test'],
      warns: /classes hold the splits/
    },
    'a class called test': {
      paths: ['cat/1.png', 'test/1.png'],
      rows: ['0 cat -', '1 test -'],
      warns: /The folder "test" is taken as a class/
    },
    'classes with a split as a word': {
      paths: ['bullet_train/1.png', 'test_tube/1.png', 'car/1.png'],
      rows: ['0 bullet_train -', '1 test_tube -', '2 car -']
    },
    'groups of nested classes': {
      paths: ['Greek/alpha/1.png', 'Latin/a/1.png'],
      rows: ['0 Greek/alpha Greek', '1 Latin/a Latin']
    }
  }
  for (const [what, { paths, rows, warns }] of Object.entries(LAYOUTS)) {
    it(what, async () => {
      const found = await read(numbered(...paths))
      expect(found.rows).toEqual(rows)
      if (warns) expect(found.warnings.join('\n')).toMatch(warns)
      else expect(found.warnings).toEqual([])
    })
  }

  for (const [what, paths, named] of [
    ['a stray picture in a split', ['train/a/1.png', 'train/x.png', 'test/a/1.png'], /train\/x\.png/],
    ['a stray picture beside nested classes', ['g/a/1.png', 'g/x.png', 'h/b/1.png'], /g\/x\.png/],
    ['a picture beside the splits', ['train/a/1.png', 'test/a/1.png', 'x.png'], /x\.png lies in no class/],
    ['splits without classes', ['train/1.png', 'test/1.png'], /test\/1\.png lies in no class folder/],
    ['classes beside a split', ['train/a/1.png', 'cat/1.png', 'dog/1.png'], /cat\/1\.png/]
  ] as const) {
    it(`${what} is refused by its name`, async () => {
      expect((await failureOf(() => read(numbered(...paths)))).message).toMatch(named)
    })
  }

  it('one name spelt composed and apart is one class, names apart by case or blanks are two', async () => {
    const root = numbered('caf\u00e9/1.png', 'cafe\u0301/2.png', 'Cat/1.png', 'cat/1.png')
    const { rows, warnings } = await read(root)
    expect(rows).toEqual(['0 caf\u00e9 -', '1 caf\u00e9 -', '2 Cat -', '3 cat -'])
    expect(warnings).toEqual([
      '"café" is written in two ways (accents composed and apart); it is one class.',
      'The classes "Cat" and "cat" differ only in case or blanks; they are 2 classes.'
    ])
  })
})

describe('tables beside pictures', () => {
  it('give labels by file name, path or name without ending, under any name', async () => {
    for (const [name, text] of [
      ['labels.csv', 'image,label\n1.png,cat\n2.png,dog\n'],
      ['train.tsv', 'breed\tid\ncat\t1\ndog\t2\n'],
      [
        'answers.jsonl',
        '{"path": "images/1.png", "class": "cat"}\n{"path": "./images/2.png", "class": "dog"}\n'
      ],
      ['list.csv', 'C:\\data\\images\\1.png,cat\nC:\\data\\images\\2.png,dog\n']
    ]) {
      const root = folderOf({ 'images/1.png': png[0]!, 'images/2.png': png[1]!, [name!]: text! })
      const { rows, warnings } = await read(root)
      expect(rows).toEqual(['0 cat -', '1 dog -'])
      expect(warnings[0]).toMatch(new RegExp(`^Labels are taken from ${name!.replace('.', '\\.')} `))
    }
  })

  it('tell of rows and pictures without each other, with the line', async () => {
    const text = 'file,label,note\n1.png,cat,x\ngone.png,cat,y\n2.png,,z\n3.png,dog,w\n'
    const files = { 'p/1.png': png[0]!, 'p/2.png': png[1]!, 'p/3.png': png[2]!, 'p/4.png': png[3]! }
    const { rows, warnings } = await read(folderOf({ ...files, 'labels.csv': text }))
    expect(rows).toEqual(['0 cat -', '2 dog -'])
    expect(warnings).toEqual([
      'Labels are taken from labels.csv (columns "file" and "label").',
      '1 row of labels.csv name no picture, such as line 3 ("gone.png").',
      '1 row of labels.csv have no label, such as line 4.',
      '2 pictures have no label in a table and are left out: p/2.png, p/4.png.'
    ])
  })

  it('two labels of one picture are refused with both lines', async () => {
    const root = folderOf({ 'p/1.png': png[0]!, 'labels.csv': 'file,label\n1.png,cat\n1.png,dog\n' })
    expect((await failureOf(() => read(root))).message).toMatch(
      /labels\.csv, line 3: "1\.png" has the label "dog", but "cat" in line 2/
    )
  })

  it('a name of two pictures needs its folder', async () => {
    const root = folderOf({
      'train/1.png': png[0]!,
      'test/1.png': png[1]!,
      'labels.csv': 'file,label\n1.png,cat\n'
    })
    expect((await failureOf(() => read(root))).message).toMatch(/line 2: "1\.png" may be several pictures/)
  })

  it('are used against class folders that say otherwise, and told; a renaming of the classes changes nothing', async () => {
    const pictures = { 'a/1.png': png[0]!, 'a/2.png': png[1]!, 'b/3.png': png[2]! }
    const corrected = await read(
      folderOf({ ...pictures, 'fixed.csv': 'file,label\n1.png,a\n2.png,b\n3.png,b\n' })
    )
    expect(corrected.rows).toEqual(['0 a -', '1 b -', '2 b -'])
    expect(corrected.warnings.join()).toMatch(/1 picture has another label in fixed\.csv than the folder/)
    const numbers = await read(folderOf({ ...pictures, 'l.csv': 'file,label\n1.png,0\n2.png,0\n3.png,1\n' }))
    expect(numbers).toEqual({ rows: ['0 a -', '1 a -', '2 b -'], warnings: [] })
  })

  it('that name no picture are told as unused', async () => {
    const root = folderOf({ 'a/1.png': png[0]!, 'b/2.png': png[1]!, 'prices.csv': 'x,label\n17,dear\n' })
    expect((await read(root)).warnings).toEqual([
      'Tables that name none of the pictures are not used: prices.csv.'
    ])
  })

  it('count for nothing against class folders where they name the pictures by numbers alone', async () => {
    const pictures = { 'a/1.png': png[0]!, 'a/2.png': png[1]!, 'b/3.png': png[2]! }
    const { rows, warnings } = await read(folderOf({ ...pictures, 'sizes.csv': 'n,class\n1,s\n2,m\n3,m\n' }))
    expect(rows).toEqual(['0 a -', '1 a -', '2 b -'])
    expect(warnings).toEqual([
      expect.stringMatching(/^sizes\.csv is not used: it names the pictures by numbers/)
    ])
  })

  it('ask for the column where several could be the label', async () => {
    const text = 'file,size,colour\n1.png,big,red\n2.png,small,red\n'
    const root = folderOf({ 'p/1.png': png[0]!, 'p/2.png': png[1]!, 'facts.csv': text })
    const inspection = await inspectSource(root)
    expect(inspection.missing).toEqual(['labelColumn'])
    expect(inspection.columns).toEqual(['file', 'size', 'colour'])
    expect((await failureOf(() => read(root))).remedy).toMatch(/--label-column/)
    expect((await read(root, { labelColumn: 'size' })).rows).toEqual(['0 big -', '1 small -'])
    expect((await failureOf(() => read(root, { labelColumn: 'weight' }))).message).toMatch(
      /no column "weight"/
    )
  })

  it('tell the split by a column, or each by its own name', async () => {
    const pictures = { 'p/1.png': png[0]!, 'p/2.png': png[1]! }
    const column = 'file,label,split\n1.png,x,train\n2.png,y,test\n'
    expect((await read(folderOf({ ...pictures, 'l.csv': column }))).rows).toEqual(['0 x train', '1 y test'])
    const tables = { 'train.csv': 'id,label\n1,x\n', 'test.csv': 'id,label\n2,y\n' }
    expect((await read(folderOf({ ...pictures, ...tables }))).rows).toEqual(['0 x train', '1 y test'])
  })
})

describe('an export as images reads back as it was', () => {
  for (const [what, files] of [
    ['folders twice', ['seg_train/seg_train/a/1.png', 'seg_test/seg_test/b/1.png']],
    ['classes above splits', ['a/train/1.png', 'a/test/1.png', 'b/train/1.png', 'b/test/1.png']],
    ['a table with splits', ['p/1.png', 'p/2.png']]
  ] as const) {
    it(`from ${what}`, async () => {
      const root = numbered(...files)
      if (files.length === 2 && files[0] === 'p/1.png') {
        writeFileSync(path.join(root, 'l.csv'), 'file,label,split\n1.png,x,train\n2.png,y,test\n')
      }
      const selection = await select(temporaryStore(), root)
      const out = path.join(temporaryFolder(), 'out')
      await exportDataset({ selection }, { format: 'images', out })
      expect((await read(out)).rows).toEqual(rowsOf(selection))
    })
  }
})

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
