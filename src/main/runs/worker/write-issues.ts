import { issueColumns, sheetLines, type ExampleSelection } from '../../datasets'
import type { DenoisingResult } from '../../../engine/tasks/denoising/result'
import { writeAtomically } from '../../files/write-atomically'

/** issues.csv of a run, one line an example. */
export async function writeIssues(
  file: string,
  { classNames, files, truth, count, leftOut }: ExampleSelection,
  { evidence, flagged, labels, predicted }: DenoisingResult
): Promise<void> {
  const columns = issueColumns({ ...evidence, classNames, given: labels, predicted, flagged, files, truth })
  // They bear scores like all others, and were not judged.
  if (leftOut.size > 0) columns.push(['is_left_out', (row) => (leftOut.has(row) ? 'True' : 'False')])
  const rows = Array.from({ length: count }, (_, row) => columns.map(([, cell]) => cell(row)))
  await writeAtomically(file, sheetLines([columns.map(([name]) => name), ...rows]))
}
