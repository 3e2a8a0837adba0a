import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportDataset, inspectSource } from '@main/datasets'
import { temporaryFolder } from '@support/command'
import { failureOf, select, temporaryStore } from '@support/datasets'
import { folderOf } from '@support/pictures'
import { numbered, png, read, rowsOf } from '@support/numbered-pictures'

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
