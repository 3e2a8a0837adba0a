import * as z from 'zod'
import type { DatasetMeta } from '../../shared/domain/dataset'
import { KeptVersions } from './kept-versions'

/** Rows as they were left out on some day. */
const LEFT_OUT = new KeptVersions('left-out', 'rows left out')

const leftOutFile = z.object({ schema: z.literal(1), rows: z.array(z.int().nonnegative()) })

/**
 * Keep the rows that are left out today: a run that names their version does not train on them, and repeats so.
 * @returns the version; undefined for none
 */
export function keepLeftOut(meta: DatasetMeta, rows: readonly number[]): string | undefined {
  if (rows.length === 0) return undefined
  return LEFT_OUT.keep(meta, { schema: 1, rows: [...rows].sort((a, b) => a - b) })
}

/** Whether a version is there. */
export function isLeftOutKept(meta: DatasetMeta, version: string): boolean {
  return LEFT_OUT.has(meta, version)
}

/** The rows of a version, ascending. @throws Failure bad-input when it is gone or was changed */
export function keptLeftOut(meta: DatasetMeta, version: string): readonly number[] {
  return leftOutFile.parse(LEFT_OUT.read(meta, version)).rows
}
