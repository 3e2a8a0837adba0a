import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, it } from 'vitest'
import { exportDataset } from '@main/datasets'
import { temporaryFolder } from '@support/command'
import { failureOf, filesBelow, select, temporaryStore } from '@support/datasets'
import { read } from '@support/read-source'

async function parquet(file: string, query: string): Promise<string> {
  mkdirSync(path.dirname(file), { recursive: true })
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`COPY (${query}) TO '${file.replaceAll("'", "''")}' (FORMAT parquet)`)
  connection.closeSync()
  instance.closeSync()
  return file
}

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
