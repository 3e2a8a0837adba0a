import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ByteReader } from '@main/datasets/bytes/byte-reader'
import { csvField, csvRecords, guessDelimiter, parseNumber } from '@main/datasets/bytes/csv-reader'
import { shortestText } from '@main/datasets/export/table-writer'
import { Random } from '@shared/domain/random'
import { select, temporaryFolder, temporaryStore } from '../support/datasets'

async function parse(text: string, chunk = text.length): Promise<string[][]> {
  const bytes = Buffer.from(text)
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += chunk) chunks.push(bytes.subarray(at, at + chunk))
  const rows: string[][] = []
  for await (const record of csvRecords(new ByteReader(Readable.from(chunks), 'x.csv'), ',')) {
    rows.push(record.texts())
  }
  return rows
}

describe('CSV', () => {
  const cases: [string, string, string[][]][] = [
    [
      'plain rows',
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2']
      ]
    ],
    [
      'CRLF and no line end at the end',
      'a,b\r\n1,2',
      [
        ['a', 'b'],
        ['1', '2']
      ]
    ],
    ['quotes', '"a, b","say ""hi""",c\n', [['a, b', 'say "hi"', 'c']]],
    [
      'line breaks in quotes',
      '"a\r\nb",c\n1,2\n',
      [
        ['a\r\nb', 'c'],
        ['1', '2']
      ]
    ],
    [
      'empty fields',
      ',,\n"",x,\n',
      [
        ['', '', ''],
        ['', 'x', '']
      ]
    ],
    ['empty lines are skipped', 'a\n\n\r\nb\n', [['a'], ['b']]],
    ['a byte-order mark', '\ufeffa,b\n', [['a', 'b']]],
    ['letters beyond ASCII', 'é,日本\n', [['é', '日本']]],
    ['a quote inside a plain field', 'a"b,c\n', [['a"b', 'c']]],
    ['a closing quote at the very end', 'a,"b"', [['a', 'b']]],
    ['a doubled quote at the very end', 'a,"b"""', [['a', 'b"']]]
  ]
  it.each(cases)('%s', async (_, text, rows) => {
    expect(await parse(text)).toEqual(rows)
    // However the bytes are cut into chunks.
    for (const chunk of [1, 2, 3, 7]) expect(await parse(text, chunk)).toEqual(rows)
  })

  it('counts the lines of the file', async () => {
    const reader = new ByteReader(Readable.from([Buffer.from('a\n"x\ny"\n\nb\n')]), 'x.csv')
    const lines: number[] = []
    for await (const record of csvRecords(reader, ',')) lines.push(record.line)
    expect(lines).toEqual([1, 2, 5])
  })

  it('reads rows longer than its buffer', async () => {
    const wide = Array.from({ length: 300_000 }, (_, i) => String(i))
    expect(await parse(`${wide.join(',')}\n1,2\n`)).toEqual([wide, ['1', '2']])
  })

  it('numbers are what Number makes of them', () => {
    const random = new Random(4)
    const texts = [
      '0',
      '-0',
      '1.',
      '.5',
      '+7',
      '1e5',
      '-2.5E-3',
      '123456789012345678',
      '0.1',
      '5e-324',
      ' 12 '
    ]
    for (let i = 0; i < 2000; i++) {
      texts.push(String((random.uniform() - 0.5) * 10 ** (random.below(40) - 20)))
      texts.push((random.uniform() * 1000).toFixed(random.below(12)))
    }
    for (const text of texts) {
      const bytes = Buffer.from(text)
      expect(Object.is(parseNumber(bytes, 0, bytes.length), Number(text))).toBe(true)
    }
    for (const text of [
      '',
      ' ',
      'x',
      '1x',
      '1 2',
      '0x10',
      '1_0',
      '--1',
      '1e',
      '.',
      '-',
      'NaN',
      'inf',
      '1,5'
    ]) {
      const bytes = Buffer.from(text)
      expect(parseNumber(bytes, 0, bytes.length)).toBeNaN()
    }
  })

  it('writes the shortest text that reads back as the same float32', () => {
    const random = new Random(9)
    const bits = new Uint32Array(1)
    const value = new Float32Array(bits.buffer)
    for (let i = 0; i < 5000; i++) {
      bits[0] = random.uint32()
      if (!Number.isFinite(value[0])) continue
      expect(Math.fround(Number(shortestText(value[0]!, value)))).toBe(value[0])
    }
    expect(shortestText(Math.fround(0.1), value)).toBe('0.1')
  })

  it('guesses the delimiter and quotes what needs it', () => {
    expect(['a,b', 'a;b;c', 'a\tb', '"a;b",c', 'one'].map(guessDelimiter)).toEqual([',', ';', '\t', ',', ','])
    expect(['a', 'a,b', 'say "x"', ' a', 'a\nb'].map((text) => csvField(text))).toEqual([
      'a',
      '"a,b"',
      '"say ""x"""',
      '" a"',
      '"a\nb"'
    ])
  })
})

describe('tables', () => {
  const table = (text: string, name = 't.csv'): string => {
    const file = path.join(temporaryFolder(), name)
    writeFileSync(file, text)
    return file
  }

  it.each([
    ['usual names', 'b,Label\n1,x\n2,y\n', 'x', undefined],
    ['the only text column', 'a,b,species\n1,2,x\n3,4,y\n', 'x', undefined],
    ['columns that pandas counted', '0,1,label\n1,2,x\n3,4,y\n', 'x', undefined],
    ['no header, asked for by number', '5.1,3.5,x\n4.9,3.0,x\n', 'x', '2'],
    ['no header, label first', '5,0,0\n0,1,7\n', '5', 'column0'],
    ['whole numbers written as floats', 'a,y\n1,3.0\n2,4.0\n', '3', undefined],
    ['semicolons', 'a;b;class\n1;2;x\n3;4;y\n', 'x', undefined]
  ])('the label column: %s', async (_, text, first, labelColumn) => {
    const selection = await select(temporaryStore(), table(text), { labelColumn })
    expect(selection.count).toBe(2)
    expect(selection.classNames[selection.labels[0]!]).toBe(first)
  })

  it('without a header lose no row', async () => {
    const iris = '5.1,3.5,Iris-setosa\n4.9,3.0,Iris-setosa\n6.2,2.9,Iris-virginica\n'
    const selection = await select(temporaryStore(), table(iris, 'iris.data'))
    expect([selection.count, selection.shape, selection.classNames]).toEqual([
      3,
      [2],
      ['Iris-setosa', 'Iris-virginica']
    ])
    expect(selection.readRows([0])).toEqual(Float32Array.from([5.1, 3.5]))
  })

  it('in a folder are its splits', async () => {
    const folder = temporaryFolder()
    writeFileSync(path.join(folder, 'train.csv'), 'a,label\n1,x\n2,y\n')
    writeFileSync(path.join(folder, 'test.csv'), 'a,label\n3,y\n')
    const store = temporaryStore()
    expect((await select(store, `${folder}#train`)).count).toBe(2)
    expect(Array.from((await select(store, `${folder}#test`)).labels)).toEqual([1])
  })
})
