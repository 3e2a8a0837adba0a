import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { inspectSource, type ImportOptions } from '@main/datasets'
import type { ExampleSelection } from '@main/datasets'
import { temporaryFolder } from './command'
import { allRows } from './datasets'

export const SHADES = ['red', 'green', 'blue']
export const NAMES = ['Ada', 'Ben', 'Cleo', 'Dan', 'Eve', 'Flo', 'Gus', 'Hal', 'Ivy', 'Jon', 'Kay', 'Leo']

/** A table with a column of every kind, 24 rows. */
export function everyKind(): string[][] {
  return Array.from({ length: 24 }, (_, i) => [
    `P-${String(100 + i)}`,
    String(20 + ((i * 7) % 30)),
    i === 5 ? '' : (i / 4 + 0.5).toFixed(2),
    SHADES[i % 3]!,
    `0${2100 + (i % 4)}`,
    `2024-${String(1 + (i % 12)).padStart(2, '0')}-15`,
    i % 2 ? 'true' : 'false',
    'spring',
    `${NAMES[i % 12]} wrote this sentence number ${i} by hand`,
    '',
    i % 3 ? 'x' : 'y'
  ])
}

export const HEAD = [
  'patient_id',
  'age',
  'size',
  'shade',
  'zip',
  'day',
  'ill',
  'season',
  'note',
  'gap',
  'label'
]
export const ROLES = {
  patient_id: 'identifier',
  age: 'number',
  size: 'number',
  shade: 'category',
  zip: 'category',
  day: 'date',
  ill: 'number',
  season: 'constant',
  note: 'text',
  gap: 'constant',
  label: 'label'
}

export function csv(
  rows: readonly (readonly string[])[],
  head: readonly string[] = HEAD,
  name = 't.csv'
): string {
  const file = path.join(temporaryFolder(), name)
  const line = (fields: readonly string[]): string =>
    fields.map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')
  writeFileSync(file, `${[head, ...rows].map(line).join('\n')}\n`)
  return file
}

export async function rolesOf(file: string, options: ImportOptions = {}): Promise<Record<string, string>> {
  const { tableColumns = [] } = await inspectSource(file, options)
  return Object.fromEntries(tableColumns.map(({ name, role }) => [name, role]))
}

export async function parquet(query: string): Promise<string> {
  const file = path.join(temporaryFolder(), 't.parquet')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`COPY (${query}) TO '${file}' (FORMAT parquet)`)
  connection.closeSync()
  instance.closeSync()
  return file
}

export function rows(selection: ExampleSelection): number[][] {
  const width = selection.shape[0]
  const values = Array.from(selection.readRows(allRows(selection)))
  return allRows(selection).map((row) => values.slice(row * width, (row + 1) * width))
}
