import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  Dictionary,
  Int32,
  makeVector,
  Table,
  tableFromArrays,
  tableToIPC,
  Utf8,
  vectorFromArray
} from 'apache-arrow'
import { expect, test } from 'vitest'
import { exportDataset } from '@main/datasets'
import { decodeLz4Frame } from '@main/file-formats/lz4-frame'
import { temporaryFolder } from '@support/command'
import { allRows, failureOf, select, temporaryStore } from '@support/datasets'

const dir = temporaryFolder()
const PYTHON = ['/opt/casepy/bin/python', 'python3'].find((python) => {
  try {
    execFileSync(python, ['-c', 'import pyarrow, pandas'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})

function arrowFile(name: string, content: Uint8Array): string {
  const file = path.join(dir, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, content)
  return file
}

const KINDS = new Table({
  a: makeVector(Float32Array.of(0.5, -1.25, 3)),
  b: makeVector(Int32Array.of(1, 2, 3)),
  c: makeVector(BigInt64Array.of(10n, 20n, 30n)),
  d: vectorFromArray([true, false, true]),
  label: vectorFromArray(['cat', 'dog', 'cat'], new Dictionary(new Utf8(), new Int32()))
})

test.for(['file', 'stream'] as const)('a table of numbers and a label, as an IPC %s', async (form) => {
  const source = arrowFile(`kinds-${form}.arrow`, tableToIPC(KINDS, form))
  const selection = await select(temporaryStore(), source)
  expect(selection.classNames).toEqual(['cat', 'dog'])
  expect([...selection.labels]).toEqual([0, 1, 0])
  expect([...selection.readRows(allRows(selection))]).toEqual([0.5, 1, 10, 1, -1.25, 2, 20, 0, 3, 3, 30, 1])
  selection.close()
})

test('exported and read again, every value and label is the same; a split is a file', async () => {
  const text = 'a,b,label\n0.1,1e-30,x\n-3.25,16777217,y\n7,2,x\n0.3,4,z\n'
  for (const split of ['train', 'test']) writeFileSync(path.join(dir, `${split}.csv`), text)
  const csv = path.join(dir, 'csv')
  mkdirSync(csv)
  for (const split of ['train', 'test']) writeFileSync(path.join(csv, `${split}.csv`), text)
  const source = await select(temporaryStore(), csv)
  const out = path.join(dir, 'out')
  const { files } = await exportDataset(source, { format: 'arrow', out })
  expect([...files].sort()).toEqual(['label-column.txt', 'test.arrow', 'train.arrow'])
  const again = await select(temporaryStore(), out)
  expect(again.classNames).toEqual(source.classNames)
  expect([...again.labels]).toEqual([...source.labels])
  expect(again.readRows(allRows(again))).toEqual(source.readRows(allRows(source)))
  expect(again.metas[0]!.columns).toEqual(['a', 'b'])
  expect(again.metas[0]!.splits).toEqual(source.metas[0]!.splits)
  for (const selection of [source, again]) selection.close()
})

test('a cell without a value is the median, and said to be empty', async () => {
  const gaps = tableFromArrays({ a: [1, null, 3], label: ['x', 'y', 'x'] })
  const selection = await select(temporaryStore(), arrowFile('gaps.arrow', tableToIPC(gaps, 'file')))
  expect(selection.columns).toEqual(['a', 'a is empty'])
  expect([...selection.readRows([0, 1, 2])]).toEqual([1, 0, 2, 1, 3, 0])
})

test('what is damaged is refused', async () => {
  const bytes = tableToIPC(KINDS, 'file')
  const cut = await failureOf(() =>
    select(temporaryStore(), arrowFile('cut.arrow', bytes.slice(0, bytes.length / 2)))
  )
  expect(cut.code).toBe('bad-input')
  const old = await failureOf(() =>
    select(temporaryStore(), arrowFile('old.feather', Buffer.from('FEA1 and more')))
  )
  expect(old.message).toContain('Feather file of version 1')
})

test('an LZ4 frame is decoded: literals, a copy that overlaps itself, a stored block', () => {
  const block = Uint8Array.of(0x3a, 97, 98, 99, 3, 0, 0x10, 33)
  const frame = (size: number, bytes: Uint8Array): Uint8Array => {
    const header = new DataView(new ArrayBuffer(4))
    header.setUint32(0, size, true)
    return Uint8Array.of(
      0x04,
      0x22,
      0x4d,
      0x18,
      0x60,
      0x40,
      0,
      ...new Uint8Array(header.buffer),
      ...bytes,
      0,
      0,
      0,
      0
    )
  }
  const text = (bytes: Uint8Array): string => Buffer.from(decodeLz4Frame(bytes)).toString()
  expect(text(frame(block.length, block))).toBe('abcabcabcabcabcab!')
  expect(text(frame((0x80000000 | 3) >>> 0, Uint8Array.of(120, 121, 122)))).toBe('xyz')
  expect(() => text(frame(4, Uint8Array.of(0x04, 9, 0, 0)))).toThrow(RangeError)
  expect(() => text(frame(99, block))).toThrow(RangeError)
})

test.skipIf(PYTHON === undefined)(
  'files of pandas and pyarrow: LZ4, streams, lists, categories; Zstandard is refused',
  async () => {
    const script = `
import sys, numpy as np, pandas as pd, pyarrow as pa
d = sys.argv[1]
rng = np.random.default_rng(0)
x = rng.normal(size=(3000, 3)).astype('float32')
frame = pd.DataFrame(x, columns=['a', 'b', 'c'])
frame['n'] = np.arange(3000) % 7
frame['species'] = pd.Categorical(np.where(x[:, 0] > 0, 'cat', 'dog'))
frame.to_feather(d + '/lz4.feather')
frame.to_feather(d + '/plain.feather', compression='uncompressed')
frame.to_feather(d + '/zstd.feather', compression='zstd')
table = pa.table({'v': pa.array(x.tolist(), pa.list_(pa.float32(), 3)), 'label': pa.array(np.where(x[:, 0] > 0, 1, 0))})
with pa.OSFile(d + '/list.arrow', 'wb') as f, pa.ipc.new_stream(f, table.schema) as w:
    for batch in table.to_batches(max_chunksize=1000): w.write_batch(batch)
x.tofile(d + '/x.bin')
`
    execFileSync(PYTHON!, ['-c', script, dir])
    const x = new Float32Array(Uint8Array.from(readFileSync(path.join(dir, 'x.bin'))).buffer)
    const labels = Array.from({ length: 3000 }, (_, row) => Number(!(x[3 * row]! > 0)))
    const options = { labelColumn: 'species' }
    for (const name of ['lz4.feather', 'plain.feather']) {
      const selection = await select(temporaryStore(), path.join(dir, name), options)
      expect(selection.classNames, name).toEqual(['cat', 'dog'])
      expect([...selection.labels], name).toEqual(labels)
      const rows = selection.readRows(allRows(selection))
      const expected = Float32Array.from({ length: 12000 }, (_, i) =>
        i % 4 === 3 ? (i >> 2) % 7 : x[3 * (i >> 2) + (i % 4)]!
      )
      expect(rows, name).toEqual(expected)
      selection.close()
    }
    const listed = await select(temporaryStore(), path.join(dir, 'list.arrow'))
    expect(listed.readRows(allRows(listed))).toEqual(x)
    expect([...listed.labels]).toEqual(labels.map((label) => 1 - label))
    listed.close()
    const zstd = await failureOf(() => select(temporaryStore(), path.join(dir, 'zstd.feather'), options))
    expect(zstd).toMatchObject({ code: 'bad-input', remedy: expect.stringContaining('compression="lz4"') })
  }
)
