import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { inspectSource, type ImportOptions } from '@main/datasets'
import { fixture, picture, written } from '@support/bad-sources/bad-source'
import { temporaryFolder } from '@support/command'
import { failureOf } from '@support/datasets'
import { read, table } from '@support/read-source'

describe('the first row of a text table', () => {
  it.each([
    ['counts by chance', '1,2,cat\n3,9,dog\n5,8,cat\n', undefined, ['cat', 'dog', 'cat']],
    ['holds a class called y', '1.5,2.5,y\n3.5,4.5,n\n5,6,y\n', undefined, ['y', 'n', 'y']],
    [
      'counts the columns, which hold fractions',
      '0,1,kind\n.5,1.5,a\n2.5,3.5,b\n1.5,2.5,a\n',
      undefined,
      ['a', 'b', 'a']
    ],
    [
      'is said to be an example',
      'a,b\n1,x\n',
      { header: 'no', labelColumn: '1', leaveOut: ['0'] } satisfies ImportOptions,
      undefined
    ],
    [
      'is said to be names',
      '1,2,cat\n3,9,dog\n5,8,cat\n',
      { header: 'yes' } satisfies ImportOptions,
      ['dog', 'cat']
    ]
  ])('%s', async (_, text, options, labels) => {
    if (labels) expect((await read(table(text), options)).labels).toEqual(labels)
    else
      await expect(read(table(text), options)).rejects.toThrow('has no feature columns (left out: "column0")')
  })

  it('is told of where it was guessed', async () => {
    const { warnings } = await read(table('1,2,cat\n3,9,dog\n5,8,cat\n'))
    expect(warnings).toEqual([
      'The first row (1, 2, cat) is read as an example, since it looks like the others; with --header yes it names the columns.'
    ])
  })
})

describe('how a text table is written', () => {
  const both = { labels: ['a', 'b', 'a'], features: [1, 2, 3, 4, 5, 7] }
  it.each([
    ['blanks', '1 2 a\n3  4\tb\n 5 7 a\n', 't.data'],
    ['CR at the ends of lines', 'f,g,label\r1,2,a\r3,4,b\r5,7,a\r', 't.csv'],
    ['a line that names the separator', 'sep=;\nf;g;label\n1;2;a\n3;4;b\n5;7;a\n', 't.csv'],
    ['comments above', '# made by hand\n# twice\nf,g,label\n1,2,a\n3,4,b\n5,7,a\n', 't.csv'],
    ['a header in a comment', '# f,g,label\n1,2,a\n3,4,b\n5,7,a\n', 't.csv'],
    ["R's row names", '"f","g","label"\n"r1",1,2,"a"\n"r2",3,4,"b"\n"r3",5,7,"a"\n', 't.csv'],
    ['a separator at the ends of lines', 'f,g,label\n1,2,a,\n3,4,b,\n5,7,a,\n', 't.csv']
  ])('%s', async (_, text, name) => {
    const { labels, features } = await read(table(text, name))
    expect({ labels, features }).toEqual(both)
  })

  it('decimal commas, told of', async () => {
    const found = await read(table('f1;f2;label\n5,5;3,25;a\n4,75;3,0;b\n'))
    expect(found.features).toEqual([5.5, 3.25, 4.75, 3])
    expect(found.warnings).toEqual(['Numbers are read with a decimal comma: 5,1 is five and a tenth.'])
    const failure = await failureOf(() => read(table('f;label\n1,234;a\n5,678;b\n')))
    expect(failure.remedy).toMatch(/comma may be decimal or part thousands/)
  })

  it('as pandas writes it', async () => {
    expect((await inspectSource(fixture('pandas.csv'))).reading).toEqual({
      encoding: 'utf-8',
      separator: 'comma',
      header: 'yes',
      leaveOut: ['']
    })
  })

  it('as many columns as a table may have, and no more, at once', async () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `c${i}`)
    const wide = table(`${names.join(',')}\n${names.map(() => '1').join(',')}\n`)
    expect((await failureOf(() => inspectSource(wide))).message).toMatch(/has 100000 columns/)
  })
})

describe('letters', () => {
  const text = 'f,label\n1,café\n2,cafè\n3,café\n'
  it.each([
    ['UTF-8', Buffer.from(text), undefined],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`), undefined],
    ['UTF-16 with a mark', Buffer.from(`\ufeff${text}`, 'utf16le'), undefined],
    ['UTF-16 the other way round', Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), undefined],
    ['latin1, named', Buffer.from(text, 'latin1'), 'latin1'],
    ['windows-1252, named', Buffer.from(text, 'latin1'), 'windows-1252'],
    ['UTF-16, named', Buffer.from(text, 'utf16le'), 'utf-16le']
  ])('in %s', async (_, bytes, encoding) => {
    expect((await read(table(bytes), { encoding })).labels).toEqual(['café', 'cafè', 'café'])
  })

  it('that are not UTF-8 are never made one', async () => {
    const failure = await failureOf(() => read(table(Buffer.from(text, 'latin1'))))
    expect(failure.message).toMatch(/t\.csv, line 2: the text is not UTF-8\.$/)
    expect(failure.remedy).toMatch(/--encoding windows-1252/)
    const unmarked = await failureOf(() => read(table(Buffer.from(text, 'utf16le'))))
    expect(unmarked.remedy).toMatch(/--encoding utf-16le/)
    expect((await failureOf(() => read(table(text), { encoding: 'klingon' }))).message).toMatch(/"klingon"/)
  })

  it('of metadata neither', async () => {
    const folder = temporaryFolder()
    for (const name of ['1.png', '2.png']) written(folder, `set/${name}`, picture())
    const lines = 'file_name,label\n1.png,café\n2.png,cafè\n'
    written(folder, 'set/metadata.csv', Buffer.from(lines, 'latin1'))
    const set = path.join(folder, 'set')
    expect((await failureOf(() => read(set))).message).toMatch(/metadata\.csv, line 2: the text is not UTF-8/)
    expect((await read(set, { encoding: 'latin1' })).labels).toEqual(['café', 'cafè'])
  })
})

describe('roles of columns', () => {
  it.each([
    ['pandas, saved twice', 'Unnamed: 0.1,Unnamed: 0,f,label\n0,0,.5,a\n1,1,.25,a\n2,2,.75,b\n'],
    ['an id', 'sample_id,f,label\n10,.5,a\n11,.25,a\n12,.75,b\n'],
    ['a text that tells rows apart', 'id,f,label\nk1,.5,a\nk2,.25,a\nk3,.75,b\n']
  ])('row numbers are no features: %s', async (_, text) => {
    const found = await read(table(text))
    expect(found.features).toEqual([0.5, 0.25, 0.75])
    expect(found.warnings[0]).toMatch(/^These columns are no features: .*identifier: /)
  })

  it('what is left out can be said', async () => {
    const file = table('id,f,label\n10,.5,a\n11,.25,b\n')
    expect((await read(file, { leaveOut: [] })).features).toEqual([10, 0.5, 11, 0.25])
    expect((await read(file, { leaveOut: ['f'] })).features).toEqual([10, 11])
  })

  it('measurements are no label, unless asked for', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => `${i / 7},${i / 3 + 0.125},${i % 3}`)
    const file = table(`x,y,cluster\n${rows.join('\n')}\n`)
    const failure = await failureOf(() => read(file))
    expect(failure.message).toMatch(/column "y" holds measurements such as 0\.125/)
    expect(failure.remedy).toMatch(/--label-column/)
    expect((await inspectSource(file)).missing).toEqual(['labelColumn'])
    expect(new Set((await read(file, { labelColumn: 'cluster' })).labels)).toEqual(new Set(['0', '1', '2']))
  })
})

describe('spellings of labels', () => {
  it.each([
    ['truth values of any case', ['True', 'true', 'FALSE', 'TRUE'], ['True', 'True', 'False', 'True']],
    ['whole numbers with a point', ['1.0', '2.0', '1', '2'], ['1', '2', '1', '2']],
    ['leading zeros', ['007', '7', '007', '7'], ['007', '7', '007', '7']],
    ['versions', ['1.0', 'beta', '1', '1.0'], ['1.0', 'beta', '1', '1.0']],
    ['blanks around', [' a', 'a ', 'b', 'a'], ['a', 'a', 'b', 'a']],
    [
      'more digits than a double holds',
      ['9007199254740993', '9007199254740992', '1', '1'],
      ['9007199254740993', '9007199254740992', '1', '1']
    ]
  ])('%s', async (_, given, labels) => {
    const rows = given.map((label, i) => `${i / 4},${label}`)
    expect((await read(table(`f,kind\n${rows.join('\n')}\n`), { labelColumn: 'kind' })).labels).toEqual(
      labels
    )
  })

  it('classes that may be gaps are told of, and refused among numbers', async () => {
    const { labels, warnings } = await read(table('f,label\n1,NA\n2,cat\n3,NA\n'))
    expect(labels).toEqual(['NA', 'cat', 'NA'])
    expect(warnings).toContain(
      '"NA" is a class here; if it stands for a missing label, leave its rows out with --skip-unlabelled.'
    )
    const failure = await failureOf(() => read(table('f,label\n1,0\n2,nan\n3,1\n')))
    expect(failure.message).toMatch(/row 2 \(line 3\), column "label": the label is missing \("nan"\)/)
  })
})
