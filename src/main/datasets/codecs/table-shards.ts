import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { badInput } from '../../../shared/domain/failure'
import { compareCodePoints } from '../class-names'
import { isHidden, type SourceLook } from './source-look'
import { compareSplits, splitInName } from './splits'
import { isTableName } from './table-file'

/** A file of a table, and the split whose examples it holds. */
export interface TablePart {
  /** Relative to the source's folder. */
  readonly file: string
  readonly split?: string
}

/** Files about a dataset, or beside one of another format, which are no tables of examples. */
const NO_TABLE = /^(metadata\.csv|.*\.(txt|data)(\.gz)?|readme.*|license.*|issues\.csv)$/i
/** As Hugging Face's datasets and Spark number the files of one table. */
const SHARD = /^(?:(.*?)[-_.])?(\d{4,6})(?:-of-(\d{4,6}))?(?:[-.][\w.-]*)?\.(parquet|pq)$/i

function tablesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(
      (entry) =>
        !entry.isDirectory() && !isHidden(entry.name) && isTableName(entry.name) && !NO_TABLE.test(entry.name)
    )
    .map((entry) => entry.name)
    .sort(compareCodePoints)
}

/** Tables of a folder, else of its folder "data", else of its folders that are splits, relative. */
export function tablesBelow(look: SourceLook): string[] {
  const direct = tablesIn(look.path)
  if (direct.length > 0) return direct
  const below = look.folders.includes('data')
    ? ['data']
    : look.folders.filter((folder) => splitInName(folder))
  return below.flatMap((folder) => {
    const full = path.join(look.path, folder)
    return existsSync(full) && statSync(full).isDirectory()
      ? tablesIn(full).map((file) => `${folder}/${file}`)
      : []
  })
}

interface Shard extends TablePart {
  readonly number?: number
  readonly of?: number
}

function shardOf(file: string): Shard {
  const name = path.posix.basename(file)
  const folder = path.posix.dirname(file)
  const inFolder = folder === '.' || folder === 'data' ? undefined : splitInName(folder)
  const found = SHARD.exec(name)
  if (!found) return { file, split: inFolder ?? splitInName(name) }
  const [, prefix, number, of] = found
  const split =
    inFolder ?? (prefix ? (splitInName(prefix) ?? (of === undefined ? undefined : prefix)) : undefined)
  return { file, split, number: Number(number), of: of === undefined ? undefined : Number(of) }
}

/**
 * The files of a table in the order of their examples: split by split, the numbered parts of each one after the
 * other. @throws Failure bad-input when two files cannot be told apart, or a part is missing
 */
export function tableGroups(look: SourceLook, files: readonly string[]): TablePart[] {
  const shards = files.map(shardOf)
  if (look.kind === 'file')
    return shards.map(({ file, number }) => ({
      file,
      split: number === undefined ? splitInName(file) : shardOf(file).split
    }))
  shards.sort((a, b) => compareSplits(a.split, b.split) || (a.number ?? 0) - (b.number ?? 0))
  for (const [i, shard] of shards.entries()) {
    const before = shards[i - 1]
    const follows = before?.split === shard.split
    if (
      before &&
      follows &&
      (shard.number === undefined || before.number === undefined || before.number === shard.number)
    ) {
      throw badInput(
        `${look.name} holds two tables, ${before.file} and ${shard.file}, that cannot be told apart.`,
        'Name one of the files instead of the folder.'
      )
    }
    checkNumber(look, shard, before && follows ? before : undefined, shards[i + 1])
  }
  return shards.map(({ file, split }) => ({ file, split }))
}

/** Parts that say how many they are must all be there. */
function checkNumber(
  look: SourceLook,
  shard: Shard,
  before: Shard | undefined,
  next: Shard | undefined
): void {
  const { number, of } = shard
  if (number === undefined || of === undefined) return
  const expected = before ? (before.number ?? 0) + 1 : 0
  const isLast = next?.split !== shard.split || next === undefined
  const missing = number !== expected ? expected : isLast && number !== of - 1 ? number + 1 : undefined
  if (missing === undefined) return
  throw badInput(
    `${path.join(look.name, shard.file)}: part ${missing} of ${of} is missing.`,
    'Download all parts, or name one file instead of the folder.'
  )
}
