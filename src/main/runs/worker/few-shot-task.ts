import path from 'node:path'
import type { ExampleSelection } from '../../datasets'
import { checkFewShot, trainFewShot } from '../../../engine/tasks/few-shot/train'
import type { FewShotResult } from '../../../engine/tasks/few-shot/train'
import { fewShotSeconds } from '../../../engine/tasks/few-shot/costs'
import { fewShotSettings } from '../../../engine/tasks/few-shot/settings'
import type { ExampleSource } from '../../../engine/tasks/shared/task-run'
import { leftOutAdvice, present, rowsInAll } from './without-left-out'
import type { LeavingOut } from './without-left-out'
import { saveModel } from './save-model'
import type { FewShotEpisode, FewShotEpisodes } from '../../../shared/domain/few-shot-metrics'
import { defineTask, describeData } from './task'
import type { DataOf } from './task'
import { writeAtomically } from '../../files/write-atomically'

/** Leaves episodes.json and model.json with its weights besides report.json. */
export const fewShot = defineTask<'few-shot', FewShotResult>({
  check: (data, spec) => checkFewShot(sourcesOf(data), spec),

  async train({ data, spec, run }) {
    const result = await trainFewShot(sourcesOf(data), spec, run)
    return { ...result, advice: [...result.advice, ...leftOutAdvice(data.train)] }
  },

  async write(result, { data, spec, outputDir }) {
    const { train, test } = data
    const { ways, shots, queries } = spec
    const episodes: FewShotEpisodes = {
      reference: spec.test,
      ways,
      shots,
      queries,
      episodes: episodesOf(result, distinctClasses(test))
    }
    await writeAtomically(path.join(outputDir, 'episodes.json'), `${JSON.stringify(episodes)}\n`)
    await saveModel(outputDir, result.network, result.parameters, [], 'as it is')
    const { accuracy, baselines, gain, checks, bestStep, classes } = result
    return {
      data: { ...describeData(train, { train, test }), classes },
      metrics: { accuracy, baselines, gain, heldBack: [...checks], bestStep }
    }
  },

  plan({ train }, spec) {
    const images = train.count * (spec.rotations ? 4 : 1)
    const settings = fewShotSettings(spec, images)
    const learned = Math.round((1 - settings.heldBack) * images)
    return {
      lowerSteps: settings.upperSteps * settings.solver.lowerSteps,
      batchSize: null,
      parameters: null,
      seconds: fewShotSeconds(settings, { images: learned, shape: train.shape, filters: spec.filters })
    }
  }
})

function sourcesOf({ train, test }: DataOf<'few-shot'>): { train: ExampleSource; test: ExampleSource } {
  return { train: present(distinctClasses(train)), test: present(distinctClasses(test)) }
}

/** Test tasks for a viewer: rows of --test by way, and the way that each query was taken for. */
function episodesOf({ episodes }: FewShotResult, test: LeavingOut): FewShotEpisode[] {
  return episodes.map(({ episode, predicted, accuracy }) => {
    const ways = episode.classes.length
    const byWay = (values: Int32Array): number[][] => {
      const each = values.length / ways
      return Array.from({ length: ways }, (_, way) => [...values.subarray(way * each, (way + 1) * each)])
    }
    return {
      classes: Array.from(episode.classes, (label) => test.classNames[label]!),
      support: byWay(rowsInAll(test, episode.support)),
      query: byWay(rowsInAll(test, episode.query)),
      predicted: byWay(predicted),
      accuracy
    }
  })
}

/**
 * Classes of the same name from several datasets are different classes here: every alphabet has a first
 * character.
 */
function distinctClasses(selection: ExampleSelection): LeavingOut {
  const names = new Map(selection.ranges.map(({ meta }) => [meta.id, meta.name]))
  if (names.size === 1) return selection
  const classes = selection.classNames.length
  const datasets = [...names.keys()]
  const labels = Int32Array.from(selection.labels)
  let row = 0
  for (const { meta, from, to } of selection.ranges) {
    const shift = datasets.indexOf(meta.id) * classes
    for (const end = row + to - from; row < end; row++) labels[row]! += shift
  }
  return {
    count: selection.count,
    shape: selection.shape,
    classNames: [...names.values()].flatMap((dataset) =>
      selection.classNames.map((name) => `${dataset}/${name}`)
    ),
    labels,
    leftOut: selection.leftOut,
    readRows: (rows) => selection.readRows(rows)
  }
}
