import path from 'node:path'
import { checkHyperparameters, trainHyperparameters } from '../../../engine/tasks/hyperparameters/train'
import type { HyperparameterResult } from '../../../engine/tasks/hyperparameters/train'
import { hyperparameterSeconds } from '../../../engine/tasks/hyperparameters/costs'
import { hyperparameterSettings } from '../../../engine/tasks/hyperparameters/settings'
import { exampleSize } from '../../../shared/domain/dataset'
import type { TrainedScore } from '../../../engine/tasks/hyperparameters/contenders'
import type { Contender, LayerStrengths } from '../../../shared/domain/hyperparameter-metrics'
import { validationWarnings } from './missing-classes'
import { saveModel } from './save-model'
import { defineTask, describeData } from './task'
import { leftOutAdvice, presentData } from './without-left-out'
import { writeAtomically } from '../../files/write-atomically'

/** Leaves strengths.json, strengths.csv and model.json with its weights besides report.json. */
export const hyperparameters = defineTask<'hyperparameters', HyperparameterResult>({
  check: (data, spec) => checkHyperparameters(presentData(data), spec),

  warnings: (data) =>
    validationWarnings(presentData(data), 'The strengths are chosen by the other classes alone.'),

  async train({ data, spec, run }) {
    const result = await trainHyperparameters(presentData(data), spec, run)
    return { ...result, advice: [...result.advice, ...leftOutAdvice(data.train)] }
  },

  async write(result, { data: { train, validation, test }, spec: { granularity }, outputDir }) {
    const { grid, gridStrength, best, bestStep, checks, strengths, scores } = result
    const layers = layersOf(result)
    await writeAtomically(path.join(outputDir, 'strengths.csv'), strengthTable(result))
    await writeAtomically(
      path.join(outputDir, 'strengths.json'),
      `${JSON.stringify({ granularity, grid, layers }, null, 2)}\n`
    )
    await saveModel(outputDir, result.network, result.parameters, train.classNames)
    const each = (name: keyof TrainedScore): Record<Contender, number | null> => ({
      unregularised: scores.unregularised?.[name] ?? null,
      grid: scores.grid?.[name] ?? null,
      tuned: scores.tuned?.[name] ?? null
    })
    return {
      data: describeData(train, { train, validation, test }),
      metrics: {
        testAccuracy: each('testAccuracy'),
        validationLoss: each('validationLoss'),
        validationAccuracy: each('validationAccuracy'),
        best,
        bestStep,
        checks: [...checks],
        strengths: { granularity, count: strengths.length, grid: gridStrength, layers }
      }
    }
  },

  plan({ train, validation }, spec) {
    const sizes = { train: train.count, validation: validation.count, features: exampleSize(train.shape) }
    const settings = hyperparameterSettings(spec, sizes)
    const { model } = spec
    return {
      lowerSteps: settings.upperSteps * settings.solver.lowerSteps,
      batchSize: settings.batchSize,
      parameters: null,
      seconds: hyperparameterSeconds(settings, { model, shape: train.shape })
    }
  }
})

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

function layersOf({ blocks, strengths }: HyperparameterResult): LayerStrengths[] {
  return blocks.map(({ name, rows, start }) => {
    const sorted = strengths.slice(start, start + rows).sort()
    return {
      layer: name,
      count: rows,
      least: sorted[0]!,
      median: sorted[Math.floor(rows / 2)]!,
      largest: sorted[rows - 1]!
    }
  })
}
