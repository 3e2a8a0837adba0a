import path from 'node:path'
import { checkHyperparameters, runHyperparameters } from '../../../engine/tasks/hyperparameters/train'
import type { HyperparameterResult } from '../../../engine/tasks/hyperparameters/train'
import { saveModel } from './save-model'
import type { CheckTask, PerformTask } from './task-table'
import { writeWhole } from '../../files/write-whole'

export const checkTuning: CheckTask = (selections, spec) => {
  const { train, validation, test } = selections
  if (spec.task !== 'hyperparameters' || !train || !validation) {
    throw new Error('Hyperparameter tuning needs train and validation data.')
  }
  checkHyperparameters({ train, validation, test }, spec)
}

/** strengths.json, strengths.csv and model.json with its weights: what tuning leaves besides report.json. */
export const performTuning: PerformTask = async (selections, spec, run, outputDir) => {
  if (spec.task !== 'hyperparameters') throw new Error(`A ${spec.task} spec reached hyperparameter tuning.`)
  const { train, validation, test } = selections
  if (!train || !validation) throw new Error('Hyperparameter tuning needs train and validation data.')
  const result = await runHyperparameters({ train, validation, test }, spec, run)
  await writeWhole(path.join(outputDir, 'strengths.csv'), strengthTable(result))
  await writeWhole(
    path.join(outputDir, 'strengths.json'),
    `${JSON.stringify({ granularity: spec.granularity, grid: result.grid, layers: layersOf(result) }, null, 2)}\n`
  )
  await saveModel(outputDir, result.network, result.parameters, train.classNames)
  const { scores } = result
  const each = <T>(pick: (score: NonNullable<typeof scores.tuned>) => T): Record<string, T | null> =>
    Object.fromEntries(
      (['unregularised', 'grid', 'tuned'] as const).map((name) => [
        name,
        scores[name] ? pick(scores[name]) : null
      ])
    )
  return {
    stopped: result.stopped,
    data: {
      train: train.count,
      validation: validation.count,
      test: test?.count ?? 0,
      shape: [...train.shape],
      classes: [...train.classNames]
    },
    metrics: {
      testAccuracy: each(({ testAccuracy }) => testAccuracy),
      validationLoss: each(({ validationLoss }) => validationLoss),
      validationAccuracy: each(({ validationAccuracy }) => validationAccuracy),
      best: result.best,
      bestStep: result.bestStep,
      checks: result.checks,
      strengths: {
        granularity: spec.granularity,
        count: result.strengths.length,
        grid: result.gridStrength,
        layers: layersOf(result)
      }
    },
    advice: result.advice,
    upperSteps: result.upperSteps,
    lowerSteps: result.lowerSteps,
    solverSeconds: result.solverSeconds
  }
}

/** Every strength with the weights it rules: offset and count in weights.bin, in float32 values. */
function strengthTable({ blocks, strengths }: HyperparameterResult): string {
  const lines = ['layer,index,first_weight,weights,strength']
  for (const { name, offset, rows, columns, start } of blocks) {
    for (let row = 0; row < rows; row++) {
      const strength = strengths[start + row]!.toPrecision(6)
      lines.push(`${name},${row},${offset + row * columns},${columns},${strength}`)
    }
  }
  return `${lines.join('\n')}\n`
}

function layersOf({ blocks, strengths }: HyperparameterResult): Record<string, unknown>[] {
  return blocks.map(({ name, rows, start }) => {
    const sorted = strengths.slice(start, start + rows).sort()
    return {
      layer: name,
      count: rows,
      least: sorted[0],
      median: sorted[Math.floor(rows / 2)],
      largest: sorted[rows - 1]
    }
  })
}
