import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { parseReport } from '@shared/domain/report'
import type { Report } from '@shared/domain/report'

/**
 * The report in a run's folder, which the schema of its task must hold as it is: what a schema does not name is left out
 * when it is read. @param printed what the command said with --json, which is the same
 */
export function writtenReport(folder: string, printed?: string): Report {
  const file: unknown = JSON.parse(readFileSync(path.join(folder, 'report.json'), 'utf8'))
  if (printed !== undefined) expect(JSON.parse(printed)).toEqual(file)
  const report = parseReport(file)
  expect(report).toEqual(file)
  return report
}
