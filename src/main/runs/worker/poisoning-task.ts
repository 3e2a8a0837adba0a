import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { DatasetStore, alignClasses, alignColumns, renderStrip, resolveReference } from '../../datasets'
import type { ExampleSelection } from '../../datasets'
import type { TaskRun } from '../../../engine/tasks/shared/task-run'
import { RunPaused } from '../../../engine/tasks/shared/task-run'
import { checkPoisoning, craftAttack } from '../../../engine/tasks/poisoning/train'
import { poisoningSeconds } from '../../../engine/tasks/poisoning/costs'
import { poisoningSettings } from '../../../engine/tasks/poisoning/settings'
import type { CraftedAttack, CraftedSet } from '../../../engine/tasks/poisoning/train'
import { judgeAttack } from '../../../engine/tasks/poisoning/judgement'
import { PoisoningProgress } from '../../../engine/tasks/poisoning/progress'
import type { StartingPoints } from '../../../engine/tasks/poisoning/starting-points'
import type { PoisoningMetrics } from '../../../shared/domain/poisoning-metrics'
import type { PoisoningSpec } from '../../../shared/domain/task-spec'
import { defendAgainst } from './defend-poisoned'
import { poisoningAdvice } from './poisoning-advice'
import { cleanLabel } from './clean-label-task'
import { validationWarnings } from './missing-classes'
import { defineTask, describeData } from './task'
import {
  BANNER_FILE,
  asStored,
  banner,
  writeManifest,
  writePoisonArrays,
  writePoisonedSet
} from './write-poisons'
import type { Poisons } from './write-poisons'
import { leftOutAdvice, presentData, rowsInAll } from './without-left-out'
import { writeAtomically } from '../../files/write-atomically'
import { temporaryFolder } from '../../locks'

interface Crafted extends CraftedAttack {
  readonly progress: PoisoningProgress
}

/**
 * Leaves poisons.npz, poisoned/, manifest.json, snapshots/ and, where asked for, defence/ besides report.json.
 * Victims are trained on the poisoned set as read back from its files.
 */
const addedPoints = defineTask<'poisoning', Crafted>({
  check(data, spec) {
    checkPoisoning(presentData(data), spec)
  },

  warnings: (data) =>
    validationWarnings(presentData(data), 'The attack is aimed at examples of the other classes alone.'),

  async train({ data, spec, run, outputDir }) {
    const { train } = data
    const progress = new PoisoningProgress(run, spec.defend)
    const attack = await craftAttack(presentData(data), spec, run, progress, {
      stored: (x) => asStored(x, train),
      onSnapshot: (step, x, start) => writeSnapshot(outputDir, run, train, step, x, start)
    })
    return { ...attack, advice: [...attack.advice, ...leftOutAdvice(train)], progress }
  },

  async write(attack, { data: { train, validation, test }, spec, run, outputDir }) {
    const { progress, goal, main } = attack
    progress.enterWriting()
    const poisons = poisonsOf(main, train)
    const { dir, rows } = await writePoisonedSet(outputDir, train, poisons, spec)
    await writeBudgets(outputDir, train, attack)
    await writeAtomically(path.join(outputDir, BANNER_FILE), banner(spec, rows.length))
    const quick = (await run.poll()) === 'cancel'
    const poisoned = await openExported(dir, train, spec)
    try {
      const judged = { ...presentData({ train, validation, test }), poisoned: poisoned.selection }
      const metrics: PoisoningMetrics = await judgeAttack(judged, attack, spec, progress, quick)
      if ((await run.poll()) === 'pause') throw new RunPaused()
      const isLate = progress.isTimeUp
      if (spec.defend && !quick && !isLate) {
        metrics.defence = await defendAgainst({ ...judged, rows }, goal, spec, run, progress, outputDir)
      }
      const more = { bestStep: main.bestStep }
      await writeManifest(outputDir, spec, { how: howOf(attack, train), train, poisons, rows, more })
      return {
        stopped: endedBy(attack, quick, isLate),
        data: describeData(train, { train, validation, test }),
        metrics,
        advice: [...attack.advice, ...poisoningAdvice(metrics, test !== undefined), ...(isLate ? [LATE] : [])]
      }
    } finally {
      await poisoned.close()
    }
  },

  plan({ train }, spec) {
    const { budgets, upperSteps, batchSize, solver } = poisoningSettings(spec, { train: train.count })
    return {
      lowerSteps: budgets.length * upperSteps * solver.lowerSteps,
      batchSize,
      parameters: null,
      seconds: poisoningSeconds(spec, train)
    }
  }
})

const LATE =
  'Time was up before everything was measured: victims were trained with fewer seeds, further victims and the defence left out. A run with more time (--max-seconds) measures more surely.'

function endedBy({ stopped }: CraftedAttack, quick: boolean, isLate: boolean): CraftedAttack['stopped'] {
  if (quick) return 'cancelled'
  return isLate && stopped === 'epochs' ? 'time' : stopped
}

const kindOf = ({ attack }: PoisoningSpec): typeof addedPoints =>
  attack === 'clean-label' ? cleanLabel : addedPoints

/** Whichever attack the spec asks for. */
export const poisoning: typeof addedPoints = {
  check: (data, spec) => kindOf(spec).check(data, spec),
  trainAndWrite: (order) => kindOf(order.spec).trainAndWrite(order),
  warnings: (data, spec) => kindOf(spec).warnings?.(data, spec) ?? [],
  plan: (data, spec) => kindOf(spec).plan!(data, spec)
}

function poisonsOf({ start, x }: CraftedSet, train: ExampleSelection): Poisons {
  const baseIndices = rowsInAll(train, start.rows)
  return {
    x,
    y: start.labels,
    baseIndices,
    xBase: start.features,
    truth: train.truth && baseIndices.map((row) => train.truth![row]!)
  }
}

/** The sets of the budget curve, beside the one that is written as a dataset. */
async function writeBudgets(
  outputDir: string,
  train: ExampleSelection,
  attack: CraftedAttack
): Promise<void> {
  for (const set of attack.sets) {
    if (set === attack.main) continue
    const file = path.join(outputDir, `poisons-${set.start.rows.length}.npz`)
    await writePoisonArrays(file, train, poisonsOf(set, train))
  }
}

/** The poisoned set as anyone would read it, imported into a folder that is gone afterwards. */
async function openExported(
  dir: string,
  train: ExampleSelection,
  spec: PoisoningSpec
): Promise<{ selection: ExampleSelection; close: () => Promise<void> }> {
  const scratch = temporaryFolder('poisoned-')
  const remove = (): Promise<void> => rm(scratch, { recursive: true, force: true })
  try {
    const store = new DatasetStore(path.join(scratch, 'datasets'))
    const read = await resolveReference(store, dir, {
      format: spec.format,
      imageSize: spec.imageSize,
      labelColumn: spec.labelColumn
    })
    const [, selection] = alignClasses(alignColumns([train, read]))
    return {
      selection: selection!,
      close: async () => {
        selection!.close()
        await remove()
      }
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Poisons shown in a snapshot. */
const SHOWN = 12
const SNAPSHOTS = 'snapshots'

/** snapshots/step-000100.png: base, poison and difference times 10, a row for each of the first poisons. */
async function writeSnapshot(
  outputDir: string,
  run: TaskRun,
  train: ExampleSelection,
  step: number,
  x: Float32Array,
  start: StartingPoints
): Promise<void> {
  if (train.shape.length !== 3) return
  const size = x.length / start.rows.length
  const rows = Array.from({ length: Math.min(SHOWN, start.rows.length) }, (_, i) => ({
    base: start.features.subarray(i * size, (i + 1) * size),
    poison: x.subarray(i * size, (i + 1) * size)
  }))
  const file = `${SNAPSHOTS}/step-${String(step).padStart(6, '0')}.png`
  await mkdir(path.join(outputDir, SNAPSHOTS), { recursive: true })
  await writeAtomically(path.join(outputDir, file), await renderStrip(rows, train.shape))
  run.emit({ type: 'snapshot', step, kind: 'poison-strip', file })
}

function howOf({ goal, main }: CraftedAttack, train: ExampleSelection): string {
  const count = main.start.rows.length
  const aim =
    goal.kind === 'untargeted'
      ? 'classifiers trained on the set fail'
      : `classifiers trained on the set take "${train.classNames[goal.from]}" for "${train.classNames[goal.to]}"`
  return `${count} copies of training examples with wrong labels were added, their features optimised so that ${aim}.`
}
