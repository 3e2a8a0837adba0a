import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { exportDataset, inspectSource, type ImportOptions } from '@main/datasets'
import { temporaryFolder as processFolder } from '@main/locks'
import { referTo } from '@support/referenced-originals'
import { temporaryFolder } from '@support/command'
import { failureOf, filesBelow, select, temporaryStore } from '@support/datasets'

interface Row {
  readonly bytes: Buffer | null
  readonly path?: string | null
  readonly label: string | number | null
}

const NAMES = JSON.stringify({
  info: { features: { image: { _type: 'Image' }, label: { names: ['dog', 'cat'], _type: 'ClassLabel' } } }
})

/** As Hugging Face's datasets writes them, or with a plain column of bytes. */
async function parquet(
  file: string,
  rows: readonly Row[],
  { plain = false, named = false, more = '' } = {}
): Promise<string> {
  mkdirSync(path.dirname(file), { recursive: true })
  const text = (value: string | number | null | undefined): string =>
    typeof value === 'number' ? `${value}::BIGINT` : value ? `'${value}'` : 'NULL'
  const selects = rows.map(({ bytes, path: name, label }) => {
    const blob = bytes ? `unhex('${bytes.toString('hex')}')` : 'NULL::BLOB'
    const image = plain ? blob : `struct_pack(bytes := ${blob}, path := ${text(name)}::VARCHAR)`
    return `SELECT ${image} AS image, ${text(label)} AS label${more}`
  })
  const note = named ? `, KV_METADATA {huggingface: '${NAMES}'}` : ''
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`COPY (${selects.join(' UNION ALL ')}) TO '${file}' (FORMAT parquet${note})`)
  connection.closeSync()
  instance.closeSync()
  return file
}

const grey = (values: number[], width: number): Promise<Buffer> =>
  sharp(Buffer.from(values), { raw: { width, height: values.length / width, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer()

async function read(source: string, options: ImportOptions = {}) {
  const selection = await select(temporaryStore(), source, options)
  const rows = Array.from({ length: selection.count }, (_, i) => i)
  return {
    selection,
    shape: selection.shape,
    labels: Array.from(selection.labels, (label) => selection.classNames[label]!),
    pixels: [...selection.readRaw(rows)],
    files: rows.map((row) => selection.files?.[row]),
    warnings: selection.metas[0]?.warnings ?? []
  }
}

const file = (name = 'set.parquet'): string => path.join(temporaryFolder(), name)

describe('pictures in Parquet', () => {
  it('are read with their pixels, classes and names', async () => {
    const rows = [
      { bytes: await grey([0, 50, 100, 150], 2), path: 'a.png', label: 1 },
      { bytes: await grey([9, 8, 7, 6], 2), path: 'b.png', label: 0 }
    ]
    const { selection, ...found } = await read(await parquet(file(), rows, { named: true }))
    expect(found).toEqual({
      shape: [2, 2, 1],
      labels: ['cat', 'dog'],
      pixels: [0, 50, 100, 150, 9, 8, 7, 6],
      files: ['a.png', 'b.png'],
      warnings: []
    })
    expect(selection.classNames).toEqual(['dog', 'cat'])
    expect(selection.format).toBe('images')
  })

  it('may stand in a plain column of bytes, and are then called by their rows', async () => {
    const rows = [
      { bytes: await grey([1, 2], 2), label: 'x' },
      { bytes: await grey([3, 4], 2), label: 'y' }
    ]
    const found = await read(await parquet(file(), rows, { plain: true }))
    expect(found.pixels).toEqual([1, 2, 3, 4])
    expect(found.labels).toEqual(['x', 'y'])
    expect(found.files).toEqual(['00000.png', '00001.png'])
  })

  it('are read from numbered parts, split by split', async () => {
    const folder = temporaryFolder()
    const part = async (name: string, value: number, label: string): Promise<string> =>
      parquet(path.join(folder, 'data', name), [{ bytes: await grey([value], 1), path: '0.png', label }])
    await part('test-00000-of-00001.parquet', 3, 'b')
    await part('train-00001-of-00002.parquet', 2, 'b')
    await part('train-00000-of-00002.parquet', 1, 'a')
    const { selection, pixels, labels, files } = await read(folder)
    expect(pixels).toEqual([1, 2, 3])
    expect(labels).toEqual(['a', 'b', 'b'])
    expect(files).toEqual(['train/0.png', 'train/0-2.png', 'test/0.png'])
    expect([0, 1, 2].map((row) => selection.splitOf(row))).toEqual(['train', 'train', 'test'])
  })

  it('are turned as the camera noted', async () => {
    const upright = sharp(Buffer.from([10, 20]), { raw: { width: 2, height: 1, channels: 1 } })
    const bytes = await upright.withMetadata({ orientation: 6 }).tiff({ compression: 'none' }).toBuffer()
    const rows = ['x', 'y'].map((label) => ({ bytes, path: `${label}.tif`, label }))
    const found = await read(await parquet(file(), rows))
    expect(found.shape).toEqual([2, 1, 1])
    expect(found.pixels).toEqual([10, 20, 10, 20])
  })

  it('of different sizes ask for one', async () => {
    const rows = [
      { bytes: await grey([7, 7], 2), path: 'a.png', label: 'x' },
      { bytes: await grey([9], 1), path: 'b.png', label: 'y' }
    ]
    const source = await parquet(file(), rows)
    expect((await inspectSource(source)).missing).toEqual(['imageSize'])
    expect((await read(source, { imageSize: 1 })).pixels).toEqual([7, 9])
  })

  it('that cannot be read are left out and told, or end a strict import', async () => {
    const rows = [
      { bytes: await grey([5], 1), path: 'a.png', label: 'x' },
      { bytes: Buffer.from('no picture'), path: 'bad.png', label: 'y' },
      { bytes: null, path: 'gone.png', label: 'x' },
      { bytes: await grey([6], 1), path: 'd.png', label: null },
      { bytes: await grey([8], 1), path: 'e.png', label: 'y' }
    ]
    const source = await parquet(file(), rows)
    const found = await read(source)
    expect(found.pixels).toEqual([5, 8])
    expect(found.files).toEqual(['a.png', 'e.png'])
    expect(found.warnings.join('\n')).toMatch(/1 picture has no label and is left out/)
    expect(found.warnings.join('\n')).toMatch(
      /2 pictures cannot be read and are left out: bad\.png .*gone\.png/
    )
    const bad = await parquet(file(), rows.slice(0, 2))
    const failure = await failureOf(() => read(bad, { strict: true }))
    expect(failure.code).toBe('bad-input')
    expect(failure.message).toMatch(/bad\.png in .*set\.parquet \(row 2\)/)
  })

  it('take no path out of their folder, and tell of columns that are not used', async () => {
    const rows = [
      { bytes: await grey([1], 1), path: '../../etc/a.png', label: 'x' },
      { bytes: await grey([2], 1), path: '/root/b', label: 'y' }
    ]
    const found = await read(await parquet(file(), rows, { more: ', 1 AS width' }))
    expect(found.files).toEqual(['a.png', 'b.png'])
    expect(found.warnings).toEqual(['Beside the pictures, other columns are not used: width.'])
  })

  it('need a column of labels', async () => {
    const rows = [{ bytes: await grey([1], 1), path: 'a.png', label: 'x' }]
    const source = await parquet(file(), rows, { more: ", 'p' AS kind" })
    const failure = await failureOf(() => read(source, { labelColumn: 'none' }))
    expect(failure.message).toMatch(/has no column "none"/)
    expect((await read(source, { labelColumn: 'kind' })).labels).toEqual(['p'])
  })

  it('are exported as the files that they were', async () => {
    const bytes = [await grey([1, 2], 2), await grey([3, 4], 2)]
    const rows = bytes.map((encoded, i) => ({ bytes: encoded, path: `${i}.png`, label: `c${i}` }))
    const source = await parquet(file(), rows)
    const { selection } = await read(source)
    const out = path.join(temporaryFolder(), 'out')
    await exportDataset(selection, { format: 'images', out })
    expect(filesBelow(out)).toEqual(['0.png', '1.png', 'metadata.csv'])
    expect(readFileSync(path.join(out, '0.png'))).toEqual(bytes[0])
    expect(readFileSync(path.join(out, '1.png'))).toEqual(bytes[1])
    const again = await read(out)
    expect([again.labels, again.pixels]).toEqual([
      ['c0', 'c1'],
      [1, 2, 3, 4]
    ])
  })
})

describe('pictures in Parquet that are too many to be kept', () => {
  it('are exported from the file, and refused when it changed', async () => {
    const bytes = [await grey([1, 2], 2), await grey([3, 4], 2)]
    const rows = bytes.map((encoded, i) => ({ bytes: encoded, path: `${i}.png`, label: `c${i}` }))
    const source = await parquet(file(), rows)
    const store = temporaryStore()
    const meta = await store.importFrom(source, { name: 'packed' })
    const packed = (name: string): string => `set.parquet/${path.parse(name).name}`
    referTo(store.folderOf(meta.id), source, packed, new Map(bytes.map((one, i) => [`${i}.png`, one])))
    const out = path.join(temporaryFolder(), 'out')
    await exportDataset(await select(store, 'packed'), { format: 'images', out })
    expect(readFileSync(path.join(out, '1.png'))).toEqual(bytes[1])
    await parquet(source, [rows[0]!, { ...rows[0]!, label: 'c1' }])
    const again = { format: 'images', out: path.join(temporaryFolder(), 'again') } as const
    const failure = await failureOf(async () => exportDataset(await select(store, 'packed'), again))
    expect(failure).toMatchObject({ code: 'conflict' })
  })
})

it('leave nothing in the folder of temporary files', async () => {
  const source = await parquet(file(), [{ bytes: await grey([1], 1), path: 'a.png', label: 'x' }])
  const store = temporaryStore()
  const mark = processFolder('mark-')
  await inspectSource(source)
  await store.importFrom(source, {})
  await failureOf(() => store.importFrom(source, { labelColumn: 'none' }))
  const left = readdirSync(path.dirname(mark)).filter((name) => !name.startsWith('in-use'))
  rmSync(mark, { recursive: true })
  expect(left).toEqual([path.basename(mark)])
})
