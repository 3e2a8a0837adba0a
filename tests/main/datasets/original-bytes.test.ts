import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { exportChecked, zipBytes, type ExampleSelection } from '@main/datasets'
import { ZipArchive } from '@main/file-formats/zip-archive'
import { npyHeader, npyTexts } from '@main/file-formats/npy'
import { temporaryFolder } from '@support/command'
import { failureOf, filesBelow, select, temporaryStore } from '@support/datasets'

/** Export in the source's own format, read back and compared as the window does it. */
async function exported(
  selection: ExampleSelection,
  change: { keep?: number[]; labels?: Record<number, string> } = {}
): Promise<string> {
  const out = path.join(temporaryFolder(), 'copy')
  const labels = selection.labels.slice()
  for (const [row, name] of Object.entries(change.labels ?? {})) {
    labels[Number(row)] = selection.classNames.indexOf(name)
  }
  const keep = change.keep && Int32Array.from(change.keep)
  await exportChecked({ selection, labels, keep }, { format: selection.format, out }, () => ({}))
  rmSync(path.join(out, 'manifest.json'))
  return out
}

describe('photographs of mixed sizes', () => {
  /** Pictures by path: PNG and JPEG, each of another size. */
  async function photographs(): Promise<Map<string, Buffer>> {
    const names = [
      'train/cat/a.jpg',
      'train/cat/b.png',
      'train/dog/a.jpg',
      'train/dog/c.jpeg',
      'test/cat/z.png'
    ]
    const made = names.map(async (name, i) => {
      const picture = sharp({
        create: { width: 20 + 7 * i, height: 31 - 3 * i, channels: 3, background: { r: 40 * i, g: 9, b: 80 } }
      })
      return [name, await (name.endsWith('png') ? picture.png() : picture.jpeg()).toBuffer()] as const
    })
    return new Map(await Promise.all(made))
  }

  async function source(kind: 'folder' | 'zip', pictures: ReadonlyMap<string, Buffer>): Promise<string> {
    const place = path.join(temporaryFolder(), kind === 'zip' ? 'photos.zip' : 'photos')
    if (kind === 'zip') {
      const members = [...pictures].map(([name, bytes]) => ({
        path: `photos/${name}`,
        size: bytes.length,
        bytes: () => [bytes]
      }))
      const pieces: Uint8Array[] = []
      for await (const piece of zipBytes(members)) pieces.push(piece)
      writeFileSync(place, Buffer.concat(pieces))
      return place
    }
    for (const [name, bytes] of pictures) {
      mkdirSync(path.dirname(path.join(place, name)), { recursive: true })
      writeFileSync(path.join(place, name), bytes)
    }
    return place
  }

  test.each(['folder', 'zip'] as const)(
    'in a %s come out as the very bytes, moved where relabelled',
    async (kind) => {
      const pictures = await photographs()
      const store = temporaryStore()
      const meta = await store.importFrom(await source(kind, pictures), { imageSize: 8, name: 'photos' })
      const selection = await select(store, 'photos')
      expect(selection.files).toEqual([
        'train/cat/a.jpg',
        'train/cat/b.png',
        'train/dog/a.jpg',
        'train/dog/c.jpeg',
        'test/cat/z.png'
      ])
      expect(meta.shape).toEqual([8, 8, 3])
      const out = await exported(selection, { keep: [0, 2, 3, 4], labels: { 2: 'cat', 3: 'cat' } })
      const expected = new Map([
        ['train/cat/a.jpg', 'train/cat/a.jpg'],
        // That name is taken there.
        ['train/cat/a-2.jpg', 'train/dog/a.jpg'],
        ['train/cat/c.jpeg', 'train/dog/c.jpeg'],
        ['test/cat/z.png', 'test/cat/z.png']
      ])
      expect(filesBelow(out)).toEqual([...expected.keys()].sort())
      for (const [written, from] of expected) {
        expect(readFileSync(path.join(out, written)).equals(pictures.get(from)!), written).toBe(true)
      }
    }
  )

  test('with a metadata file keep their places, and every one of their bytes', async () => {
    const pictures = await photographs()
    const folder = await source('folder', new Map([...pictures].slice(0, 4)))
    const rows = ['a.jpg,x', 'b.png,y'].map((row) => `cat/${row}`)
    writeFileSync(
      path.join(folder, 'train/metadata.csv'),
      ['file_name,label', ...rows, 'dog/a.jpg,x', 'dog/c.jpeg,y', ''].join('\n')
    )
    const selection = await select(temporaryStore(), folder, { imageSize: 8 })
    const out = await exported(selection)
    for (const [name, bytes] of [...pictures].slice(0, 4)) {
      const written = filesBelow(out).find(
        (file) => file.endsWith(path.basename(name)) && file.includes(path.basename(path.dirname(name)))
      )
      expect(readFileSync(path.join(out, written!)).equals(bytes), name).toBe(true)
    }
  })

  test.each(['folder', 'zip'] as const)(
    'too large to be kept are read from the %s, and refused when it changed',
    async (kind) => {
      const pictures = await photographs()
      const place = await source(kind, pictures)
      const store = temporaryStore()
      const meta = await store.importFrom(place, { imageSize: 8, name: 'photos' })
      // As if they had been larger than what is kept.
      const folder = store.folderOf(meta.id)
      const { referTo } = await import('@support/referenced-originals')
      referTo(folder, place, kind === 'zip' ? 'photos/' : '', pictures)
      const out = await exported(await select(store, 'photos'), { keep: [1, 2] })
      expect(readFileSync(path.join(out, 'train/cat/b.png')).equals(pictures.get('train/cat/b.png')!)).toBe(
        true
      )
      const others = new Map(
        [...pictures].map(([name, bytes]) => [name, Buffer.concat([bytes, Buffer.from('x')])])
      )
      const again = await source(kind, others)
      rmSync(place, { recursive: true })
      const gone = await failureOf(async () => exported(await select(store, 'photos')))
      expect(gone).toMatchObject({
        code: 'conflict',
        message: `${place} is gone since it was imported, so it cannot be copied.`
      })
      referTo(folder, again, kind === 'zip' ? 'photos/' : '', pictures)
      const other = await failureOf(async () => exported(await select(store, 'photos')))
      expect(other.code).toBe('conflict')
      expect(other.message).toMatch(/was changed since it was imported/)
    }
  )
})

describe('NumPy arrays', () => {
  const array = (descr: string, shape: number[], data: Uint8Array): Buffer =>
    Buffer.concat([npyHeader(descr, shape), data])
  const doubles = Float64Array.from({ length: 12 }, (_, i) => i / 3)
  const ids = Float32Array.from([7, 8, 9, 10])
  const bytesOf = (values: ArrayBufferView): Buffer =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  const arrays = {
    X: array('<f8', [4, 3], bytesOf(doubles)),
    y: array('<i2', [4], bytesOf(Int16Array.from([0, 1, 0, 1]))),
    ids: array('<f4', [4], bytesOf(ids)),
    names: npyTexts(['p', 'q', 'r', 's']),
    note: array('|u1', [2], Uint8Array.from([1, 2])),
    x_test: array('<f8', [2, 3], bytesOf(doubles.slice(0, 6))),
    y_test: array('<i2', [2], bytesOf(Int16Array.from([1, 0])))
  }

  async function npz(compress: boolean): Promise<string> {
    const file = path.join(temporaryFolder(), 'my set.npz')
    const pieces: Uint8Array[] = []
    const members = Object.entries(arrays).map(([name, bytes]) => ({
      path: `${name}.npy`,
      size: bytes.length,
      compress,
      bytes: () => [bytes]
    }))
    for await (const piece of zipBytes(members)) pieces.push(piece)
    writeFileSync(file, Buffer.concat(pieces))
    return file
  }

  test('untouched is the very file', async () => {
    const file = await npz(true)
    const out = await exported(await select(temporaryStore(), file))
    expect(filesBelow(out)).toEqual(['my set.npz'])
    expect(readFileSync(path.join(out, 'my set.npz')).equals(readFileSync(file))).toBe(true)
  })

  test.each([true, false])(
    'keep type, names and further arrays, cut like their split (deflated: %s)',
    async (compress) => {
      const selection = await select(temporaryStore(), await npz(compress))
      const out = await exported(selection, { keep: [0, 2, 3, 5], labels: { 2: '1' } })
      const zip = await ZipArchive.open(path.join(out, 'my set.npz'))
      const found = new Map<string, Buffer>()
      for (const entry of zip.entries) {
        expect(entry.deflated).toBe(compress)
        found.set(entry.path, await zip.read(entry))
      }
      await zip.close()
      const rows = (values: Float64Array, ...kept: number[]): Buffer =>
        Buffer.concat(kept.map((row) => bytesOf(values.slice(3 * row, 3 * row + 3))))
      expect(Object.fromEntries(found)).toEqual({
        'X.npy': array('<f8', [3, 3], rows(doubles, 0, 2, 3)),
        'y.npy': array('<i2', [3], bytesOf(Int16Array.from([0, 1, 1]))),
        'ids.npy': array('<f4', [3], bytesOf(Float32Array.from([7, 9, 10]))),
        'names.npy': npyTexts(['p', 'r', 's']),
        'note.npy': arrays.note,
        'x_test.npy': array('<f8', [1, 3], rows(doubles, 1)),
        'y_test.npy': array('<i2', [1], bytesOf(Int16Array.from([0])))
      })
    }
  )

  test('in a folder of NPY files as well', async () => {
    const folder = temporaryFolder()
    for (const [name, bytes] of Object.entries(arrays)) writeFileSync(path.join(folder, `${name}.npy`), bytes)
    const out = await exported(await select(temporaryStore(), folder), { keep: [1, 4] })
    expect(filesBelow(out)).toEqual(
      Object.keys(arrays)
        .map((name) => `${name}.npy`)
        .sort()
    )
    expect(readFileSync(path.join(out, 'X.npy'))).toEqual(array('<f8', [1, 3], bytesOf(doubles.slice(3, 6))))
    expect(readFileSync(path.join(out, 'names.npy'))).toEqual(npyTexts(['q']))
  })
})

describe('tables', () => {
  const LINES = [
    'id,width,"label, given",when',
    'a1,1.10,"x ""1""",2020',
    'b2,2.250000001,y,1999',
    '"c,3",3.3,"x ""1""",2001',
    'd4,4e0,y,2002'
  ]

  function csv(lines: readonly string[], { end = '\n', bom = false, last = true } = {}): Buffer {
    return Buffer.from((bom ? '\ufeff' : '') + lines.join(end) + (last ? end : ''))
  }

  const read = (out: string, name: string): string => readFileSync(path.join(out, name), 'utf8')

  test.each([
    { end: '\n', bom: false, last: true },
    { end: '\r\n', bom: true, last: true },
    { end: '\n', bom: true, last: false }
  ])('keep every field as it stands, texts among them (%o)', async (form) => {
    const file = path.join(temporaryFolder(), 'my table.csv')
    writeFileSync(file, csv(LINES, form))
    const options = { labelColumn: 'label, given', leaveOut: ['id'] }
    const selection = await select(temporaryStore(), file, options)
    expect(selection.classNames).toEqual(['x "1"', 'y'])
    const same = await exported(selection)
    expect(readFileSync(path.join(same, 'my table.csv')).equals(csv(LINES, form))).toBe(true)
    const out = await exported(selection, { keep: [0, 2, 3], labels: { 0: 'y', 3: 'x "1"' } })
    const kept = [LINES[0], 'a1,1.10,y,2020', LINES[3], 'd4,4e0,"x ""1""",2002']
    expect(read(out, 'my table.csv')).toBe(String(csv(kept as string[], form)))
  })

  test('with train and test, without a header, compressed', async () => {
    const folder = temporaryFolder()
    const train = ['1.50,2,x', '2.50,3,y', '3.5,4,x']
    const test = ['9.10,8,y', '7.70,6,x']
    writeFileSync(path.join(folder, 'train.csv.gz'), gzipSync(csv(train)))
    writeFileSync(path.join(folder, 'test.csv.gz'), gzipSync(csv(test)))
    const selection = await select(temporaryStore(), folder)
    const out = await exported(selection, { keep: [1, 2, 4], labels: { 4: 'y' } })
    expect(filesBelow(out)).toEqual(['test.csv.gz', 'train.csv.gz'])
    const unpacked = (name: string): string => String(gunzipSync(readFileSync(path.join(out, name))))
    expect(unpacked('train.csv.gz')).toBe('2.50,3,y\n3.5,4,x\n')
    expect(unpacked('test.csv.gz')).toBe('7.70,6,y\n')
  })

  test('Parquet keeps every column in its type', async () => {
    const file = path.join(temporaryFolder(), 'set[1].parquet')
    await query(
      `COPY (SELECT i AS id, (i / 3)::DOUBLE AS width, (i * 2)::SMALLINT AS height, ['p', 'q', NULL][i % 3 + 1] AS note,
        DATE '2020-01-01' + i::INTEGER AS day, CASE WHEN i % 2 = 0 THEN 'even' ELSE 'odd' END AS label
        FROM range(6) t(i)) TO '${file}' (FORMAT parquet)`
    )
    const options = { leaveOut: ['id', 'note', 'day'] }
    const selection = await select(temporaryStore(), file, options)
    const out = await exported(selection, { keep: [0, 1, 3, 5], labels: { 1: 'even' } })
    const link = path.join(temporaryFolder(), 'plain.parquet')
    copyFileSync(path.join(out, 'set[1].parquet'), link)
    expect(await query(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM '${link}')`)).toEqual([
      ['id', 'BIGINT'],
      ['width', 'DOUBLE'],
      ['height', 'SMALLINT'],
      ['note', 'VARCHAR'],
      ['day', 'DATE'],
      ['label', 'VARCHAR']
    ])
    expect(
      await query(`SELECT id::INTEGER, width, height, note, day::VARCHAR, label FROM '${link}'`)
    ).toEqual([
      [0, 0, 0, 'p', '2020-01-01', 'even'],
      [1, 1 / 3, 2, 'q', '2020-01-02', 'even'],
      [3, 1, 6, 'p', '2020-01-04', 'odd'],
      [5, 5 / 3, 10, null, '2020-01-06', 'odd']
    ])
  })
})

async function query(sql: string): Promise<unknown[][]> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRows()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
