import { issueColumns, sheetLines, type ExampleSelection } from '../../datasets'
import type { DenoisingResult } from '../../../engine/tasks/denoising/result'
import { writeAtomically } from '../../files/write-atomically'

/** issues.csv of a run, one line an example. */
export async function writeIssues(
  file: string,
  { classNames, files, truth, count }: ExampleSelection,
  { evidence, flagged, labels, predicted }: DenoisingResult
): Promise<void> {
  const columns = issueColumns({ ...evidence, classNames, given: labels, predicted, flagged, files, truth })
  const rows = Array.from({ length: count }, (_, row) => columns.map(([, cell]) => cell(row)))
  await writeAtomically(file, sheetLines([columns.map(([name]) => name), ...rows]))
}
