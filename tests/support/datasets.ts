import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { DatasetStore, resolveReference, type ExampleSelection, type ImportOptions } from '@main/datasets'
import { Failure } from '@shared/domain/failure'
import { afterTest } from './after-test'
import { PROJECT, temporaryFolder } from './command'

/** Datasets written by other programs; see make-fixtures.py beside them. */
export const FIXTURES = path.join(PROJECT, 'tests/fixtures/datasets')

/** Public datasets outside the project, where the machine has them. */
export const TEST_DATA = process.env.BILEVEL_TEST_DATA ?? path.join(PROJECT, '../shared/data')

export function hasTestData(name: string): boolean {
  const found = existsSync(path.join(TEST_DATA, name))
  if (!found) console.warn(`skipped: ${name} is not in ${TEST_DATA} (set BILEVEL_TEST_DATA)`)
  return found
}

export function temporaryStore(): DatasetStore {
  return new DatasetStore(path.join(temporaryFolder(), 'datasets'))
}

/** Resolve a reference; the selection is closed after the test. */
export async function select(
  store: DatasetStore,
  reference: string,
  options: ImportOptions = {}
): Promise<ExampleSelection> {
  const selection = await resolveReference(store, reference, options)
  afterTest(() => selection.close())
  return selection
}

export function sha256(bytes: ArrayBufferView): string {
  return createHash('sha256')
    .update(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    .digest('hex')
}

export function allRows(selection: { readonly count: number }): number[] {
  return Array.from({ length: selection.count }, (_, i) => i)
}

/** Digest of all features as stored. */
export function pixelsOf(selection: ExampleSelection): string {
  return sha256(selection.readRaw(allRows(selection)))
}

/** Every file below a folder, relative, sorted. */
export function filesBelow(folder: string, relative = ''): string[] {
  return readdirSync(path.join(folder, relative), { withFileTypes: true })
    .flatMap((entry) => {
      const below = path.posix.join(relative, entry.name)
      return entry.isDirectory() ? filesBelow(folder, below) : [below]
    })
    .sort()
}

/** The failure that something throws; anything else it throws fails the test. */
export async function failureOf(work: () => unknown): Promise<Failure> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('it did not fail')
}
