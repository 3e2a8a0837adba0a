import { readFileSync, statSync } from 'node:fs'
import { badInput } from '../../shared/domain/failure'

/** A configuration is a page of text; what is larger is something else. */
const MOST_BYTES = 4 << 20

/**
 * A JSON object from a file; undefined where there is no such file.
 * @throws Failure bad-input that names the file
 */
export function readJsonObject(
  file: string,
  mostBytes = MOST_BYTES
): Readonly<Record<string, unknown>> | undefined {
  const stats = statSync(file, { throwIfNoEntry: false })
  if (!stats?.isFile()) return undefined
  const remedy = 'Copy the extractor again from where it came.'
  if (stats.size > mostBytes) {
    throw badInput(`${file} has ${stats.size} bytes, more than such a file can have.`, remedy)
  }
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch (error) {
    throw badInput(`${file} is no JSON.`, remedy, error)
  }
  throw badInput(`${file} holds no JSON object.`, remedy)
}
