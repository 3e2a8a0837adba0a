import path from 'node:path'
import { exportDataset, poisonRows, sourceFormat } from '../../datasets'
import type { ExampleSelection } from '../../datasets'
import { runDenoising } from '../../../engine/tasks/denoising/train'
import type { DenoisingResult } from '../../../engine/tasks/denoising/train'
import { checkDenoising } from '../../../engine/tasks/denoising/inputs'
import type { DenoisingSpec } from '../../../shared/domain/task-spec'
import { OWN_CLASSIFIER, readStart, requireStart } from './earlier-run'
import { saveModel } from './save-model'
import { scorePoisons } from './score-poisons'
import type { CheckTask, PerformTask } from './task-table'
import { writeIssues } from './write-issues'
import { writeTrajectory } from './write-trajectory'
import { writeWhole } from '../../files/write-whole'

export const checkInputs: CheckTask = (selections, spec) => {
  const { train, trusted, test } = selections
  if (spec.task !== 'denoising' || !train || !trusted)
    throw new Error('Denoising needs train and trusted data.')
  checkDenoising({ train, trusted, test }, spec)
  requireStart(spec)
}

/** issues.csv, weights.npy, cleaned/, model.json: what a denoising run leaves besides report.json. */
export const performDenoising: PerformTask = async (selections, spec, run, outputDir) => {
  if (spec.task !== 'denoising') throw new Error(`A ${spec.task} spec reached denoising.`)
  const { train, trusted, test } = selections
  if (!train || !trusted) throw new Error('Denoising needs train and trusted data.')
  const start = await readStart(spec, trusted.count)
  const result = await runDenoising({ train, trusted, test, start }, withVouched(spec, train), run)
  run.emit({
    type: 'progress',
    phase: 'writing the results',
    fraction: 1,
    seconds: run.seconds(),
    secondsLeft: 0
  })
  await writeIssues(path.join(outputDir, 'issues.csv'), train, result)
  await writeTrajectory(path.join(outputDir, 'weights.npy'), result)
  await writeWhole(path.join(outputDir, OWN_CLASSIFIER), Buffer.from(result.lower.buffer))
  await exportCleaned(train, result, path.join(outputDir, 'cleaned'))
  await saveModel(outputDir, result.network, result.parameters, train.classNames)
  // Rows that a manifest calls poisons only score the result, as true labels do.
  const poisons = poisonRows(train)
  return {
    stopped: result.stopped,
    data: describe(train, trusted, test),
    metrics: {
      ...result.metrics,
      ...(poisons && poisons.length > 0
        ? { poisons: scorePoisons(poisons, result.flagged, result.evidence.combined) }
        : {})
    },
    advice: result.advice,
    upperSteps: result.upperSteps,
    lowerSteps: result.lowerSteps,
    solverSeconds: result.solverSeconds
  }
}

/** A label that somebody vouched for in marking trusted examples is one that a review need not ask about. */
function withVouched(spec: DenoisingSpec, { vouched }: ExampleSelection): DenoisingSpec {
  if (vouched.size === 0) return spec
  const marked = Object.fromEntries(Array.from(vouched, ([row, { label }]) => [String(row), label]))
  return { ...spec, corrections: { ...marked, ...spec.corrections } }
}

async function exportCleaned(train: ExampleSelection, result: DenoisingResult, out: string): Promise<void> {
  const keep = Int32Array.from(result.flagged.keys()).filter((row) => result.flagged[row] === 0)
  await exportDataset({ selection: train, keep, labels: result.labels }, { format: sourceFormat(train), out })
}

function describe(
  train: ExampleSelection,
  trusted: ExampleSelection,
  test: ExampleSelection | undefined
): Record<string, unknown> {
  const { truth } = train
  const wrong = truth && train.labels.reduce((count, label, i) => count + Number(label !== truth[i]), 0)
  return {
    train: train.count,
    trusted: trusted.count,
    test: test?.count ?? 0,
    shape: [...train.shape],
    classes: [...train.classNames],
    ...(wrong === undefined ? {} : { wrongLabels: wrong, noise: wrong / train.count })
  }
}
