import { sheetLines, type ExampleSelection } from '../../datasets'
import type { DenoisingResult } from '../../../engine/tasks/denoising/train'
import { writeWhole } from '../../files/write-whole'

/**
 * issues.csv, one line an example in the order of the training data. Names and direction (low is bad) are
 * cleanlab Datalab's; label_score is the learned importance weight, combined_score the default ranking.
 */
export async function writeIssues(
  file: string,
  train: ExampleSelection,
  result: DenoisingResult
): Promise<void> {
  const { evidence, flagged, labels, predicted } = result
  const { truth, files } = train
  const columns: [string, (row: number) => string][] = [
    ['index', String],
    ['given_label', (row) => train.classNames[labels[row]!]!],
    ['predicted_label', (row) => train.classNames[predicted[row]!]!],
    ['is_label_issue', (row) => (flagged[row] ? 'True' : 'False')],
    ['label_score', (row) => score(evidence.weight[row]!)],
    ['combined_score', (row) => score(evidence.combined[row]!)],
    ['bilevel_score', (row) => score(evidence.bilevel[row]!)],
    ['trusted_score', (row) => score(evidence.trusted[row]!)]
  ]
  const { crossValidated } = evidence
  if (crossValidated) columns.push(['cross_validated_score', (row) => score(crossValidated[row]!)])
  if (files) columns.push(['file', (row) => files[row]!])
  if (truth) columns.push(['true_label', (row) => train.classNames[truth[row]!]!])
  const rows = Array.from({ length: train.count }, (_, row) => columns.map(([, cell]) => cell(row)))
  await writeWhole(file, sheetLines([columns.map(([name]) => name), ...rows]))
}

/** Nine significant digits carry a float32 exactly: ties in the file are ties in the run. */
function score(value: number): string {
  return String(Number(value.toPrecision(9)))
}
