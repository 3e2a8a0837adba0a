import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pinSpec } from '@main/datasets'
import type { DatasetStore } from '@main/datasets'
import { createRun } from '@main/runs'
import type { Workspace } from '@main/runs'
import { denoisingSpec } from '@shared/domain/task-spec'

/** What a run says of one example, by the names of its classes. */
export interface Finding {
  readonly given: string
  readonly predicted: string
  readonly flagged: boolean
}

/**
 * A run that has ended, with a result that nobody had to train: all of a dataset is trained on and trusted.
 * @returns its id
 */
export async function seededRun(
  { workspace, datasets }: { readonly workspace: Workspace; readonly datasets: DatasetStore },
  dataset: string,
  findings: readonly Finding[],
  end: 'done' | 'cancelled' = 'done'
): Promise<string> {
  const spec = denoisingSpec.parse({ task: 'denoising', train: dataset, trusted: dataset, model: 'logistic' })
  const { id, outputDir } = createRun({ workspace, spec: await pinSpec(datasets, spec) })
  const lines = findings.map(
    ({ given, predicted, flagged }, row) =>
      `${row},${given},${predicted},${flagged ? 'True' : 'False'},${flagged ? 0.1 : 0.9}`
  )
  mkdirSync(outputDir, { recursive: true })
  writeFileSync(
    path.join(outputDir, 'issues.csv'),
    ['index,given_label,predicted_label,is_label_issue,label_score', ...lines, ''].join('\n')
  )
  workspace.store.move(id, 'running')
  workspace.store.move(id, end)
  return id
}
