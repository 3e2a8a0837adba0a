import path from 'node:path'
import { exportDataset, poisonRows, sourceFormat } from '../../datasets'
import type { ExampleSelection } from '../../datasets'
import type { RunPlan } from '../protocol'
import { trainDenoising } from '../../../engine/tasks/denoising/train'
import type { DenoisingResult } from '../../../engine/tasks/denoising/result'
import { BEFORE_WRITING } from '../../../engine/tasks/shared/phase-progress'
import { judgesLabels, textsAsked } from '../../../engine/tasks/denoising/label-evidence'
import { suitedBackend } from '../../../engine/tasks/denoising/suited-backend'
import { phaseCosts } from '../../../engine/tasks/denoising/phase-costs'
import { denoisingSettings } from '../../../engine/tasks/denoising/settings'
import { buildModel } from '../../../engine/models/classifier'
import { checkDenoising } from '../../../engine/tasks/denoising/inputs'
import type { DenoisingSources } from '../../../engine/tasks/denoising/inputs'
import type { DenoisingSpec } from '../../../shared/domain/task-spec'
import { OWN_CLASSIFIER, readStart, requireStart } from './earlier-run'
import { trustedWarnings } from './missing-classes'
import { saveModel } from './save-model'
import { scorePoisons } from './score-poisons'
import { defineTask, describeData } from './task'
import type { DataOf } from './task'
import { withPlaces } from './trusted-places'
import { leftOutAdvice, present, PresentRows } from './without-left-out'
import { writeIssues } from './write-issues'
import { writeTrajectory } from './write-trajectory'
import { writeAtomically } from '../../files/write-atomically'

/** Leaves issues.csv, weights.npy, cleaned/ and model.json besides report.json. */
export const denoising = defineTask<'denoising', DenoisingResult>({
  check(data, spec) {
    const rows = data.train.leftOut.size > 0 ? new PresentRows(data.train) : undefined
    checkDenoising(presentData(data, rows), rows?.spec(spec) ?? spec)
    requireStart(spec)
  },

  warnings(data, spec) {
    const rows = data.train.leftOut.size > 0 ? new PresentRows(data.train) : undefined
    const vouched = withVouched(spec, data.train)
    return trustedWarnings(presentData(data, rows), rows?.spec(vouched) ?? vouched)
  },

  suitedBackend: ({ train }, spec) => suitedBackend(train, spec),

  async train({ data, spec, run }) {
    const start = await readStart(spec, data.trusted?.count ?? 0)
    const vouched = withVouched(spec, data.train)
    const { leftOut } = data.train
    if (leftOut.size === 0) return trainDenoising({ ...presentData(data), start }, vouched, run)
    const rows = new PresentRows(data.train)
    const known = start && { ...start, weights: rows.weights(start.weights) }
    const result = await trainDenoising(
      { ...presentData(data, rows), start: known },
      rows.spec(vouched),
      rows.run(run)
    )
    return { ...rows.result(result), advice: [...result.advice, ...leftOutAdvice(data.train)] }
  },

  async write(result, { data, examples: { train }, run, outputDir }) {
    run.emit({
      type: 'progress',
      phase: 'writing the results',
      fraction: BEFORE_WRITING,
      seconds: run.seconds()
    })
    await writeIssues(path.join(outputDir, 'issues.csv'), train, result)
    await writeTrajectory(path.join(outputDir, 'weights.npy'), result)
    await writeAtomically(path.join(outputDir, OWN_CLASSIFIER), Buffer.from(result.lower.buffer))
    await exportCleaned(train, result, path.join(outputDir, 'cleaned'))
    await saveModel(outputDir, result.network, result.parameters, train.classNames)
    // Rows that a manifest calls poisons only score the result, as true labels do.
    const poisons = poisonRows(train)
    const found =
      poisons && poisons.length > 0
        ? { poisons: scorePoisons(poisons, result.flagged, result.evidence.combined) }
        : {}
    return {
      data: {
        ...describeData(data.train, { ...data, trusted: data.trusted }),
        ...noiseOf(train)
      },
      metrics: { ...result.metrics, ...withPlaces(result.metrics, data.trusted), ...found }
    }
  },

  plan({ train, trusted, test }, spec) {
    const sizes = { train: train.count, trusted: trusted?.count ?? 1 }
    const isFirstLook = trusted === undefined
    const isJudged = isFirstLook || judgesLabels(train, spec)
    const settings = denoisingSettings(spec, sizes, isJudged)
    const { shape } = train
    const classes = train.classNames.length
    const costed = {
      model: spec.model,
      settings,
      sizes,
      shape,
      texts: isJudged ? textsAsked(train) : 0,
      isJudged,
      isTested: test !== undefined,
      isFirstLook
    }
    if (isFirstLook) {
      const costs = phaseCosts({ ...costed, settings: { ...settings, epochs: 0 } })
      return { lowerSteps: null, batchSize: null, parameters: null, ...timesOf(costs) }
    }
    const { epochs, batchSize, solver } = settings
    const { layout } = buildModel(spec.model, { shape, classes, hiddenSizes: spec.hiddenSizes })
    return {
      lowerSteps: epochs * Math.ceil(train.count / batchSize) * solver.lowerSteps,
      batchSize,
      parameters: layout.size,
      ...timesOf(phaseCosts(costed))
    }
  }
})

function timesOf(costs: ReturnType<typeof phaseCosts>): Pick<RunPlan, 'seconds'> {
  return { seconds: Object.values(costs).reduce((total, cost) => total + cost, 0) }
}

/** A label that somebody vouched for in marking trusted examples is one that a review need not ask about. */
function withVouched(spec: DenoisingSpec, { vouched }: ExampleSelection): DenoisingSpec {
  if (vouched.size === 0) return spec
  const marked = Object.fromEntries(Array.from(vouched, ([row, { label }]) => [String(row), label]))
  return { ...spec, corrections: { ...marked, ...spec.corrections } }
}

async function exportCleaned(train: ExampleSelection, result: DenoisingResult, out: string): Promise<void> {
  const keep = Int32Array.from(result.flagged.keys()).filter(
    (row) => result.flagged[row] === 0 && !train.leftOut.has(row)
  )
  await exportDataset({ selection: train, keep, labels: result.labels }, { format: sourceFormat(train), out })
}

/** How many labels of what is trained on are wrong, where the truth is known. */
function noiseOf(train: ExampleSelection): Record<string, number> {
  const { truth, labels, count } = present(train)
  if (!truth) return {}
  const wrong = labels.reduce((sum, label, i) => sum + Number(label !== truth[i]), 0)
  return { wrongLabels: wrong, noise: wrong / count }
}

/** The data without what people left out of them. */
function presentData({ train, trusted, test }: DataOf<'denoising'>, rows?: PresentRows): DenoisingSources {
  return {
    train: rows?.source ?? train,
    trusted: present(trusted),
    ...(test && { test: present(test) })
  }
}
