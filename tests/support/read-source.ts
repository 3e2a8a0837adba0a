import type { ImportOptions } from '@main/datasets'
import { written } from './bad-sources/bad-source'
import { temporaryFolder } from './command'
import { select, temporaryStore } from './datasets'

/** What an import makes of a source. */
interface Read {
  readonly labels: string[]
  readonly features: number[]
  readonly warnings: readonly string[]
}

/** Labels by name, features row by row, and what was told. */
export async function read(source: string, options: ImportOptions = {}): Promise<Read> {
  const selection = await select(temporaryStore(), source, options)
  const rows = Array.from({ length: selection.count }, (_, i) => i)
  return {
    labels: Array.from(selection.labels, (label) => selection.classNames[label]!),
    features: [...selection.readRows(rows)],
    warnings: selection.metas[0]?.warnings ?? []
  }
}

/** A file of a folder of its own. */
export const table = (content: string | Uint8Array, name = 't.csv'): string =>
  written(temporaryFolder(), name, content)
