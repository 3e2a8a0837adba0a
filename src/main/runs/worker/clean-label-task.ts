import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { readNamedArrays, renderStrip, writeArrays } from '../../datasets'
import type { ExampleSelection } from '../../datasets'
import { cleanLabelSeconds } from '../../../engine/tasks/clean-label/costs'
import { cleanLabelSettings } from '../../../engine/tasks/clean-label/settings'
import { checkCleanLabel, craftCleanLabel } from '../../../engine/tasks/clean-label/train'
import type { CleanLabelResult } from '../../../engine/tasks/clean-label/train'
import type { CleanLabelJudgement } from '../../../engine/tasks/clean-label/judgement'
import { cleanLabelAdvice, cleanLabelMetricsOf } from './clean-label-report'
import { extractedFeatures, presentFeatures, readGivenFeatures } from './imported-features'
import { extractorOf } from '../../../shared/domain/features-choice'
import { saveModel } from './save-model'
import { defineTask, describeData } from './task'
import type { DataOf } from './task'
import { leftOutAdvice, presentData, rowsInAll } from './without-left-out'
import { writeBenchmark } from './write-benchmark'
import { writeManifest, writePoisonedSet } from './write-poisons'
import type { Poisons } from './write-poisons'
import { writeAtomically } from '../../files/write-atomically'

const STRIPS_FOLDER = 'strips'
/** Rows of a strip: the first poisons of a target. */
const MOST_ROWS = 6

/**
 * Leaves poisons.npz, poisoned/, benchmark/, strips/, manifest.json and the feature extractor besides report.json.
 * Victims are trained on the poisons as read back from poisons.npz.
 */
export const cleanLabel = defineTask<'poisoning', CleanLabelResult>({
  async check(data, spec) {
    // What can be said without reading features comes first.
    const sources = presentData(data)
    checkCleanLabel(sources, spec)
    if (spec.features !== undefined && extractorOf(spec) === undefined)
      checkCleanLabel(sources, spec, presentFeatures(await readGivenFeatures(spec.features), data))
  },

  async train({ data, features, spec, run }) {
    const fromFile = spec.features === undefined ? undefined : () => readGivenFeatures(spec.features!)
    const given = features ? extractedFeatures(features) : await fromFile?.()
    const known = presentFeatures(given, data)
    const result = await craftCleanLabel(presentData(data), spec, run, data.train.dtype === 'uint8', known)
    return inAllRows(result, data)
  },

  async write(result, { data: { train, validation, test }, spec, run, outputDir }) {
    try {
      const file = path.join(outputDir, 'poisons.npz')
      await writePoisons(file, train, result)
      const images = await poisonsIn(file)
      const judgement = result.judge(images)
      const transfer = await result.transfer(images)
      const exported = spec.exportTargets === 'all' ? null : firstHit(judgement)
      const poisons = poisonsOf(result, images, exported)
      const { rows } = await writePoisonedSet(outputDir, train, poisons, spec)
      // The set's writer leaves only its own poisons there.
      await writePoisons(file, train, result)
      await writeBenchmark(outputDir, result, images, train.shape)
      await writeStrips(outputDir, train, result, images)
      // Raw pixels need no network.
      if (result.parameters.length > 0)
        await saveModel(outputDir, result.network, result.parameters, train.classNames)
      const trainedOn = train.count - train.leftOut.size
      const metrics = cleanLabelMetricsOf(result, judgement, train.classNames, trainedOn, exported)
      const targets = metrics.trials.map(({ target, success }) => ({ target, success }))
      const more = { targets, exportedTrial: exported }
      await writeManifest(outputDir, spec, { how: howOf(result, exported), train, poisons, rows, more })
      const strip = `${STRIPS_FOLDER}/${exported ?? 0}.png`
      run.emit({ type: 'snapshot', step: result.upperSteps, kind: 'poison-strip', file: strip })
      return {
        data: describeData(train, { train, validation, test }),
        metrics: { ...metrics, ...(transfer.length > 0 ? { transfer } : {}) },
        advice: [...result.advice, ...cleanLabelAdvice(metrics)]
      }
    } finally {
      result.dispose()
    }
  },

  plan({ train }, spec) {
    const settings = cleanLabelSettings(spec, train.count)
    const { shape } = train
    const about = { train: train.count, shape, otherVictims: spec.victims?.length ?? 0 }
    return {
      lowerSteps: settings.upperSteps * settings.solver.lowerSteps,
      batchSize: settings.batchSize,
      parameters: null,
      seconds: cleanLabelSeconds(settings, about)
    }
  }
})

/** Attacks name rows by their place in all rows, not in those that are present. */
function inAllRows(result: CleanLabelResult, { train, validation }: DataOf<'poisoning'>): CleanLabelResult {
  return {
    ...result,
    advice: [...result.advice, ...leftOutAdvice(train)],
    baseIndices: rowsInAll(train, result.baseIndices),
    trials: result.trials.map((trial) => ({
      ...trial,
      target: rowsInAll(validation, Int32Array.of(trial.target))[0]!,
      bases: rowsInAll(train, trial.bases)
    }))
  }
}

/** All poisons, trial after trial, each with the row of its target in the validation data. */
async function writePoisons(file: string, train: ExampleSelection, result: CleanLabelResult): Promise<void> {
  const count = result.y.length
  const shape = [count, ...train.shape]
  const each = result.settings.poisons
  await writeArrays(file, {
    x: { shape, values: result.x },
    y: { shape: [count], values: result.y },
    base_indices: { shape: [count], values: result.baseIndices },
    x_base: { shape, values: result.xBase },
    target_indices: {
      shape: [count],
      values: Int32Array.from({ length: count }, (_, i) => result.trials[Math.floor(i / each)]!.target)
    },
    x_target: { shape: [result.trials.length, ...train.shape], values: result.targetImages }
  })
}

async function poisonsIn(file: string): Promise<Float32Array> {
  const x = (await readNamedArrays(file)).get('x')
  if (!x) throw new Error(`${file} holds no poisons after they were written.`)
  return x.values
}

/** The first trial whose success is the poison's own; the first of all where there is none. */
function firstHit({ trials }: CleanLabelJudgement): number {
  const own = trials.findIndex(({ success, duplicateSuccess }) => success && !duplicateSuccess)
  return Math.max(own, 0)
}

/** The poisons of one trial, or of all. */
function poisonsOf(result: CleanLabelResult, images: Float32Array, trial: number | null): Poisons {
  const { poisons } = result.settings
  const size = images.length / result.y.length
  const [from, to] = trial === null ? [0, result.y.length] : [trial * poisons, (trial + 1) * poisons]
  const y = result.y.slice(from, to)
  return {
    x: images.slice(from * size, to * size),
    y,
    baseIndices: result.baseIndices.slice(from, to),
    xBase: result.xBase.slice(from * size, to * size),
    // Clean label: the labels are the true classes of the bases.
    truth: y
  }
}

/** strips/<trial>.png: base, poison, difference times 10, target; a row for each of the first poisons. */
async function writeStrips(
  outputDir: string,
  train: ExampleSelection,
  result: CleanLabelResult,
  images: Float32Array
): Promise<void> {
  const { poisons } = result.settings
  const size = images.length / result.y.length
  await mkdir(path.join(outputDir, STRIPS_FOLDER), { recursive: true })
  for (const index of result.trials.keys()) {
    const target = result.targetImages.subarray(index * size, (index + 1) * size)
    const rows = Array.from({ length: Math.min(poisons, MOST_ROWS) }, (_, j) => {
      const from = (index * poisons + j) * size
      return {
        base: result.xBase.subarray(from, from + size),
        poison: images.subarray(from, from + size),
        target
      }
    })
    await writeAtomically(
      path.join(outputDir, STRIPS_FOLDER, `${index}.png`),
      await renderStrip(rows, train.shape)
    )
  }
}

function howOf(result: CleanLabelResult, exported: number | null): string {
  const { trials, settings } = result
  const which =
    exported === null
      ? `the poisons of all ${trials.length} targets`
      : `the ${settings.poisons === 1 ? 'poison' : `${settings.poisons} poisons`} of one target (row ${trials[exported]!.target} of the validation data)`
  return `Copies of training examples were changed, their labels left true, so that a classifier trained on them misreads a target; ${which} were added.`
}
