import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { type ExampleSelection, type ImportOptions } from '@main/datasets'
import { temporaryFolder } from './command'
import { select, temporaryStore } from './datasets'
import { folderOf, plainPng } from './pictures'
import { rawZip, type RawEntry } from './raw-zip'

/** Pictures whose first byte is their number. */
export const png: readonly Buffer[] = await Promise.all(
  Array.from({ length: 12 }, (_, i) => plainPng(i, 50, 99))
)

/** What stands in each row: first byte of the pixels, class, split. */
export function rowsOf(selection: ExampleSelection): string[] {
  const size = selection.shape.reduce((product, side) => product * side, 1)
  const pixels = selection.readRaw(Array.from({ length: selection.count }, (_, i) => i))
  return Array.from(
    { length: selection.count },
    (_, i) =>
      `${pixels[i * size]} ${selection.classNames[selection.labels[i]!]} ${selection.splitOf(i) ?? '-'}`
  ).sort()
}

export async function read(
  source: string,
  options: ImportOptions = {}
): Promise<{ rows: string[]; warnings: string[] }> {
  const selection = await select(temporaryStore(), source, options)
  return { rows: rowsOf(selection), warnings: selection.metas.flatMap(({ warnings = [] }) => warnings) }
}

/** A folder of numbered pictures by path. */
export function numbered(...paths: string[]): string {
  return folderOf(Object.fromEntries(paths.map((name, i) => [name, png[i]!])))
}

export function zipOf(entries: readonly RawEntry[]): string {
  const file = path.join(temporaryFolder(), 'set.zip')
  writeFileSync(file, rawZip(entries))
  return file
}
