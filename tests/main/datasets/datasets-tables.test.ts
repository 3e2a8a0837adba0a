import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { csvRecords, guessDelimiter } from '@main/file-formats/csv-reader'
import { csvField, csvLines } from '@main/file-formats/csv-writer'
import { decimal } from '@main/file-formats/decimal'
import { shortestText } from '@main/datasets/export/shortest-text'
import { Random } from '@shared/numerics/random'
import { temporaryFolder } from '@support/command'
import { select, temporaryStore } from '@support/datasets'

/** A stream of these bytes in pieces of `chunk`. */
function inPieces(text: string, chunk: number): Readable {
  const bytes = Buffer.from(text)
  const pieces = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, i) =>
    bytes.subarray(i * chunk, (i + 1) * chunk)
  )
  return Readable.from(pieces, { objectMode: false })
}

async function parse(text: string, chunk = 1 << 20): Promise<string[][]> {
  const rows: string[][] = []
  for await (const { fields } of csvRecords(inPieces(text, chunk), 'x.csv', ',')) rows.push([...fields])
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
    ['a byte-order mark before a quote', '\ufeff"a, b",c\n', [['a, b', 'c']]],
    [
      'CRLF among LF',
      'a,"b"\r\n1,2\n3,"4"\n"5",6\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
        ['3', '4'],
        ['5', '6']
      ]
    ],
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
    const text = 'a,b\n"x\ny",1\n\n"x\r\ny",2\r\n\r\n5,6'
    for (const chunk of [1, 2, 3, 1000]) {
      const lines: number[] = []
      for await (const { line } of csvRecords(inPieces(text, chunk), 'x.csv', ',')) lines.push(line)
      expect(lines).toEqual([1, 2, 5, 8])
    }
  })

  it.each([
    ['text after a closing quote', 'a,b\n1,2\n3,"4"5\n6,7\n', 'x.csv, line 3: text follows a closing quote.'],
    ['a quote left open', 'a,b\n"1\n2",3\n"4,5\n6,7\n', 'x.csv, line 4: a quote is not closed.'],
    ['a row too short', 'a,b\n"1\n",2\n\n3\n', 'x.csv, line 5 has 1 fields, but the first row has 2.'],
    ['a row too long', 'a,b\n1,2\n3,4,\n', 'x.csv, line 3 has 3 fields, but the first row has 2.']
  ])('refuses %s, naming the line', async (_, text, sentence) => {
    for (const chunk of [1, 2, 3, 1000]) await expect(parse(text, chunk)).rejects.toThrow(sentence)
  })

  /** A stream that counts what has been asked of it. */
  function counted(count: number, piece: (i: number) => Buffer): { source: Readable; read: () => number } {
    let read = 0
    const pieces = function* (): Generator<Buffer> {
      while (read < count) yield piece(read++)
    }
    return { source: Readable.from(pieces(), { objectMode: false }), read: () => read }
  }

  it('gives up on a quote left open before all of the file is in memory', async () => {
    const megabyte = Buffer.from(`${'text '.repeat(200_000)}\n`)
    const { source, read } = counted(1000, (i) => (i === 0 ? Buffer.from('a,b\n1,"2\n') : megabyte))
    const lines: number[] = []
    const reading = async (): Promise<void> => {
      for await (const { line } of csvRecords(source, 'x.csv', ',')) lines.push(line)
    }
    await expect(reading()).rejects.toThrow('x.csv, line 2: the line does not end.')
    expect(lines).toEqual([1])
    expect(read()).toBeLessThan(60)
  })

  it('reads no faster than its records are used', async () => {
    const piece = Buffer.from('1,2\n'.repeat(1000))
    const { source, read } = counted(300, () => piece)
    let count = 0
    for await (const { line } of csvRecords(source, 'x.csv', ',')) {
      count++
      if (line % 1000 > 0) continue
      await new Promise((resolve) => setTimeout(resolve, 1))
      // What a stream holds by itself is 64 KiB, sixteen pieces.
      expect(read() - count / 1000).toBeLessThan(40)
    }
    expect(count).toBe(300_000)
  })

  it('closes the file when the reader leaves', async () => {
    const source = inPieces('1,2\n'.repeat(1000), 100)
    for await (const record of csvRecords(source, 'x.csv', ',')) {
      expect(record.line).toBe(1)
      break
    }
    expect(source.destroyed).toBe(true)
  })

  it('reads rows longer than a chunk of the file', async () => {
    const wide = Array.from({ length: 300_000 }, (_, i) => String(i))
    const other = wide.map((text) => `"${text}"`)
    expect(await parse(`${wide.join(',')}\n${other.join(',')}\n`, 1 << 18)).toEqual([wide, wide])
  })

  it('takes only decimal numbers for numbers', () => {
    for (const text of ['0', '-0', '1.', '.5', '+7', '1e5', '-2.5E-3', '0.1', '5e-324', ' 12 ', '007']) {
      expect(decimal(text)).toBe(Number(text))
    }
    const others = [
      '',
      ' ',
      'x',
      '1x',
      '1 2',
      '0x10',
      '0b1',
      '0O7',
      '1_0',
      '--1',
      '1e',
      '.',
      '-',
      'NaN',
      '1,5'
    ]
    for (const text of others) expect(decimal(text)).toBeNaN()
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

  it('guesses the delimiter', () => {
    expect(['a,b', 'a;b;c', 'a\tb', '"a;b",c', 'one'].map(guessDelimiter)).toEqual([',', ';', '\t', ',', ','])
    // Decimal commas, and a last line cut short.
    expect(guessDelimiter('a;b;label\n1,5;2,5;x\n2,5;1,5;y\n1,')).toBe(';')
    expect(guessDelimiter('a,b;c,label\n1,2;3,x\n4,5;6,y\n1')).toBe(',')
  })

  it('reads what it writes', async () => {
    const texts = ['a', '', 'a,b', 'say "x"', '"', ' a ', 'a\nb', 'a\r\nb', 'a;b', '\ufeffé', '007']
    const records = texts.map((text, i) => [text, texts[(i + 3) % texts.length]!, '0'])
    const text = csvLines(records)
    for (const chunk of [1, 5, 1000]) expect(await parse(text, chunk)).toEqual(records)
    expect(text.split('\n')[0]).toBe('a,"say ""x""",0')
    expect(['a;b', 'a,b', 'a\tb'].map((field) => csvField(field, ';'))).toEqual(['"a;b"', 'a,b', 'a\tb'])
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

  it('keep names that look like numbers as they are written', async () => {
    const text = 'a,label,true_label\n1,007,7\n2,7,7\n3,"1e3",007\n4,0x7,"1e3"\n'
    const selection = await select(temporaryStore(), table(text))
    const { classNames, truth } = selection
    expect(classNames).toEqual(['007', '0x7', '1e3', '7'])
    expect(Array.from(selection.labels, (label) => classNames[label])).toEqual(['007', '7', '1e3', '0x7'])
    expect(Array.from(truth ?? [], (label) => classNames[label])).toEqual(['7', '7', '007', '1e3'])
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
