import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { AttackGoal } from '../../../engine/tasks/poisoning/attack-goal'
import { trainDenoising } from '../../../engine/tasks/denoising/train'
import { allRows } from '../../../engine/tasks/poisoning/batches'
import { judgeSet } from '../../../engine/tasks/poisoning/judgement'
import type { JudgedData } from '../../../engine/tasks/poisoning/judgement'
import type { PoisoningProgress } from '../../../engine/tasks/poisoning/progress'
import { ResidentExamples } from '../../../engine/tasks/shared/resident-examples'
import type { TaskRun } from '../../../engine/tasks/shared/task-run'
import type { PoisoningMetrics } from '../../../shared/domain/poisoning-metrics'
import { denoisingSpec } from '../../../shared/domain/task-spec'
import type { PoisoningSpec } from '../../../shared/domain/task-spec'
import type { ExampleSelection } from '../../datasets'
import { scorePoisons } from './score-poisons'
import { writeIssues } from './write-issues'

/**
 * Attack, then defend: denoise the poisoned set as read back, the validation examples trusted, and say how many
 * poisons were flagged at what cost in clean examples, and what victims trained on the rest do. The denoiser is
 * told nothing of the poisons. Leaves defence/issues.csv.
 */
export async function defendAgainst(
  data: JudgedData & { readonly poisoned: ExampleSelection; readonly rows: Int32Array },
  goal: AttackGoal,
  spec: PoisoningSpec,
  run: TaskRun,
  progress: PoisoningProgress,
  outputDir: string
): Promise<NonNullable<PoisoningMetrics['defence']>> {
  progress.enterDefence()
  const denoising = denoisingSpec.parse({
    task: 'denoising',
    train: data.poisoned.reference,
    trusted: spec.validation,
    model: spec.model,
    hiddenSizes: spec.hiddenSizes,
    seed: spec.seed
  })
  const result = await trainDenoising({ train: data.poisoned, trusted: data.validation }, denoising, {
    // Its steps and weights are its own: only its progress is told, on the scale of the whole.
    emit: (event) => {
      if (event.type === 'progress') progress.inDefence(`defence: ${event.phase}`, event.fraction)
    },
    poll: async () => {
      const signal = await run.poll()
      // It has no checkpoint of its own: a pause waits until it is over.
      return signal === 'pause' ? 'continue' : signal
    },
    seconds: () => run.seconds(),
    ...(run.limit && { limit: run.limit }),
    saveCheckpoint: async () => undefined
  })
  const folder = path.join(outputDir, 'defence')
  await mkdir(folder, { recursive: true })
  await writeIssues(path.join(folder, 'issues.csv'), data.poisoned, result)
  const kept = allRows(data.poisoned.count).filter((row) => result.flagged[row] === 0)
  const left = { examples: new ResidentExamples(data.poisoned), rows: kept }
  return {
    ...scorePoisons(data.rows, result.flagged, result.evidence.combined),
    victimAfter: await judgeSet(data, left, goal, spec, progress)
  }
}
