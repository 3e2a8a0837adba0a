import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, it } from 'vitest'
import { exportDataset, inspectSource, type ImportOptions } from '@main/datasets'
import { fromSheetCell, sheetCell } from '@main/file-formats/csv-writer'
import { readTrueLabels } from '@main/datasets/true-labels'
import { fixture, picture, written } from '@support/bad-sources/bad-source'
import { failureOf, filesBelow, select, temporaryFolder, temporaryStore } from '@support/datasets'

interface Read {
  readonly labels: string[]
  readonly features: number[]
  readonly warnings: readonly string[]
}

/** Labels by name, features row by row, and what was told. */
async function read(source: string, options: ImportOptions = {}): Promise<Read> {
  const selection = await select(temporaryStore(), source, options)
  const rows = Array.from({ length: selection.count }, (_, i) => i)
  return {
    labels: Array.from(selection.labels, (label) => selection.classNames[label]!),
    features: [...selection.readRows(rows)],
    warnings: selection.metas[0]?.warnings ?? []
  }
}

const table = (content: string | Uint8Array, name = 't.csv'): string =>
  written(temporaryFolder(), name, content)

async function parquet(file: string, query: string): Promise<string> {
  mkdirSync(path.dirname(file), { recursive: true })
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`COPY (${query}) TO '${file.replaceAll("'", "''")}' (FORMAT parquet)`)
  connection.closeSync()
  instance.closeSync()
  return file
}

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

describe('true labels in a file of their own', () => {
  const classes = ['1', '2', '3']
  it.each([
    ['numbers as names', '1\n2\n3\n', classes, [0, 1, 2]],
    ['numbers with a point', 'true_label\n3.0\n1.0\n2.0\n', classes, [2, 0, 1]],
    ['places of names', '0\n2\n1\n', ['a', 'b', 'c'], [0, 2, 1]],
    ['a class called as a column', 'y\nn\ny\n', ['n', 'y'], [1, 0, 1]],
    ['exact names', '007\n7\n7\n', ['007', '7'], [0, 1, 1]]
  ])('%s', async (_, text, classNames, truth) => {
    expect([...(await readTrueLabels(table(text), classNames))]).toEqual(truth)
  })

  it.each([
    [
      'a number that is no name',
      '0\n1\n2\n',
      classes,
      /t\.csv, line 1: the true label is "0", which is no class/
    ],
    [
      'numbers from 1 for names',
      '1\n2\n3\n',
      ['a', 'b', 'c'],
      /line 3: the true label is 3, but there are 3 classes/
    ],
    ['another class', 'true_label\n"1"\n"4"\n', classes, /line 3: the true label is "4"/]
  ])('refused: %s', async (_, text, classNames, sentence) => {
    expect((await failureOf(() => readTrueLabels(table(text), classNames))).message).toMatch(sentence)
  })
})

describe('Parquet', () => {
  const rows = `SELECT * FROM (VALUES (1.5::DOUBLE, 'a'), (2.5, 'b')) t(f, label)`
  it.each(['iris[1].parquet', 'what?.parquet', 'a*.parquet', 'label=z/t.parquet', "it's/{a,b}.parquet"])(
    'is the file named, however it is called: %s',
    async (name) => {
      const folder = temporaryFolder()
      const file = await parquet(path.join(folder, name), rows)
      for (const other of ['iris1.parquet', 'whatx.parquet', 'ab.parquet']) {
        await parquet(path.join(folder, other), `SELECT 9 AS f, 'other' AS label`)
      }
      const { labels, features } = await read(file)
      expect({ labels, features }).toEqual({ labels: ['a', 'b'], features: [1.5, 2.5] })
    }
  )

  it('values are right or refused', async () => {
    const folder = temporaryFolder()
    const file = (name: string, query: string): Promise<string> => parquet(path.join(folder, name), query)
    const typed = await file(
      'typed.parquet',
      `SELECT true AS b, 1.25::DECIMAL(9, 2) AS d, 7::UTINYINT AS i, [0.5, 1.5]::FLOAT[] AS l, 9007199254740993 AS label`
    )
    expect(await read(typed)).toMatchObject({
      labels: ['9007199254740993'],
      features: [1, 1.25, 7, 0.5, 1.5]
    })
    for (const [value, sentence] of [
      ['1e300::DOUBLE', /row 1, column "f": 1e\+300 is too large/],
      [`'nan'::FLOAT`, /has no feature columns \(left out: "f"\)/],
      ['NULL::INTEGER', /has no feature columns \(left out: "f"\)/],
      [`{'a': 1}`, /has no feature columns \(left out: "f"\)/]
    ] as const) {
      const bad = await file('bad.parquet', `SELECT ${value} AS f, 'a' AS label`)
      const failure = await failureOf(() => read(bad))
      expect([failure.code, failure.message]).toEqual(['bad-input', expect.stringMatching(sentence)])
    }
    const ragged = await file(
      'ragged.parquet',
      `SELECT * FROM (VALUES ([1.5], 'a'), ([1.5, 2.5], 'b')) t(f, label)`
    )
    expect((await failureOf(() => read(ragged))).message).toMatch(
      /row 2, column "f": the list holds 2 numbers/
    )
  })

  it('in parts is one table, split by split', async () => {
    const folder = temporaryFolder()
    const part = (name: string, value: number): Promise<string> =>
      parquet(path.join(folder, 'data', name), `SELECT ${value} AS f, 'c${value}' AS label`)
    await part('test-00000-of-00001.parquet', 3)
    await part('train-00001-of-00002.parquet', 2)
    const missing = await failureOf(() => read(folder))
    expect(missing.message).toMatch(/part 0 of 2 is missing/)
    await part('train-00000-of-00002.parquet', 1)
    expect((await read(folder)).features).toEqual([1, 2, 3])
    expect((await read(`${folder}#test`)).features).toEqual([3])
  })

  it('is written with the types it came with', async () => {
    const query = `SELECT * FROM (VALUES (1::SMALLINT, 2.5::DOUBLE, '007'), (3, 4.5, '7')) t(i, d, label)`
    const file = await parquet(path.join(temporaryFolder(), 't.parquet'), query)
    const out = path.join(temporaryFolder(), 'out')
    await exportDataset(await select(temporaryStore(), file), { format: 'table', out })
    const [name] = filesBelow(out).filter((below) => below.endsWith('.parquet'))
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    const found = await connection.runAndReadAll(
      `SELECT typeof(i), typeof(d), typeof(label), i, d, label FROM read_parquet('${path.join(out, name!)}')`
    )
    expect(found.getRows()).toEqual([
      ['SMALLINT', 'DOUBLE', 'VARCHAR', 1, 2.5, '007'],
      ['SMALLINT', 'DOUBLE', 'VARCHAR', 3, 4.5, '7']
    ])
    connection.closeSync()
    instance.closeSync()
  })
})

describe('metadata of pictures', () => {
  const pictures = (names: readonly string[]): string => {
    const folder = temporaryFolder()
    for (const name of names) written(folder, name, picture())
    return folder
  }

  it('is JSON lines where CSV would make other labels of them', async () => {
    const folder = pictures(['007/1.png', '7/1.png', 'NA/1.png'])
    const selection = await select(temporaryStore(), folder)
    const out = path.join(temporaryFolder(), 'out')
    await exportDataset({ selection, truth: selection.labels }, { format: 'images', out })
    const lines = readFileSync(path.join(out, 'metadata.jsonl'), 'utf8').trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { label: unknown }).label).sort()).toEqual([
      '007',
      '7',
      'NA'
    ])
    expect((await read(out)).labels.sort()).toEqual(['007', '7', 'NA'])
  })

  it('may begin with a mark; a picture has one label', async () => {
    const folder = pictures(['a.png', 'b.png'])
    const file = path.join(folder, 'metadata.jsonl')
    writeFileSync(file, '\ufeff{"file_name":"a.png","label":"x"}\r\n{"file_name":"b.png","label":true}\n')
    expect((await read(folder)).labels).toEqual(['x', 'True'])
    writeFileSync(
      path.join(folder, 'metadata.jsonl'),
      '{"file_name":"a.png","label":"x"}\n{"file_name":"b.png","label":"x"}\n{"file_name":"a.png","label":"y"}\n'
    )
    expect((await failureOf(() => read(folder))).message).toMatch(
      /line 3: "a\.png" has other labels than at .*line 1/
    )
  })
})

describe('cells of a sheet for people', () => {
  it.each([
    ['=cmd()', "'=cmd()"],
    ['+x', "'+x"],
    ['@x', "'@x"],
    ['\tx', "'\tx"],
    ["'=x", "''=x"],
    ['-1.5', '-1.5'],
    ['cat', 'cat'],
    ["'cat", "'cat"]
  ])('%s', (text, cell) => {
    expect(sheetCell(text)).toBe(cell)
    expect(fromSheetCell(cell)).toBe(text)
  })

  it('fixtures of other programs hold', async () => {
    expect((await inspectSource(fixture('pandas.csv'))).reading).toEqual({
      encoding: 'utf-8',
      separator: 'comma',
      header: 'yes',
      leaveOut: ['']
    })
  })
})
