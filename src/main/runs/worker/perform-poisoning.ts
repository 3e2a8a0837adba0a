import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { DatasetStore, alignClasses, renderStrip, resolveReference } from '../../datasets'
import type { ExampleSelection } from '../../datasets'
import type { TaskRun } from '../../../engine/tasks/shared/task-run'
import { RunPaused } from '../../../engine/tasks/shared/task-run'
import { checkPoisoning, craftAttack } from '../../../engine/tasks/poisoning/train'
import type { CraftedAttack, CraftedSet } from '../../../engine/tasks/poisoning/train'
import { judgeAttack } from '../../../engine/tasks/poisoning/judgement'
import { PoisoningProgress } from '../../../engine/tasks/poisoning/progress'
import type { StartingPoints } from '../../../engine/tasks/poisoning/starting-points'
import type { PoisoningMetrics } from '../../../shared/domain/report'
import type { PoisoningSpec, TaskSpec } from '../../../shared/domain/task-spec'
import { defendAgainst } from './defend-poisoned'
import { poisoningAdvice } from './poisoning-advice'
import type { CheckTask, PerformTask } from './task-table'
import {
  BANNER_FILE,
  asStored,
  banner,
  writeManifest,
  writePoisonArrays,
  writePoisonedSet
} from './write-poisons'
import type { Poisons } from './write-poisons'
import { writeWhole } from '../../files/write-whole'

interface Inputs {
  readonly train: ExampleSelection
  readonly validation: ExampleSelection
  readonly test?: ExampleSelection
}

export const checkPoisoningInputs: CheckTask = (selections, spec) => {
  const { inputs, poisoning } = inputsOf(selections, spec)
  checkPoisoning(inputs, poisoning)
}

/**
 * poisons.npz, poisoned/, manifest.json, snapshots/ and, where asked for, defence/: what an attack by added points
 * leaves besides report.json. Victims are trained on the poisoned set as read back from its files.
 */
export const performPoisoning: PerformTask = async (selections, spec, run, outputDir) => {
  const { inputs, poisoning } = inputsOf(selections, spec)
  const { train, validation, test } = inputs
  const progress = new PoisoningProgress(run, poisoning.defend)
  const attack = await craftAttack(inputs, poisoning, run, progress, {
    stored: (x) => asStored(x, train),
    onSnapshot: (step, x, start) => writeSnapshot(outputDir, run, train, step, x, start)
  })
  progress.enterWriting()
  const poisons = poisonsOf(attack.main, train)
  const { dir, rows } = await writePoisonedSet(outputDir, train, poisons, poisoning)
  await writeBudgets(outputDir, train, attack)
  await writeWhole(path.join(outputDir, BANNER_FILE), banner(poisoning, rows.length))
  const quick = (await run.poll()) === 'cancel'
  const poisoned = await openExported(dir, train, poisoning)
  try {
    const data = { train, validation, test, poisoned: poisoned.selection }
    const judged = await judgeAttack(data, attack, poisoning, progress, quick)
    if ((await run.poll()) === 'pause') throw new RunPaused()
    const metrics: PoisoningMetrics = judged
    if (poisoning.defend && !quick) {
      metrics.defence = await defendAgainst(
        { ...data, rows },
        attack.goal,
        poisoning,
        run,
        progress,
        outputDir
      )
    }
    await writeManifest(outputDir, poisoning, {
      how: howOf(attack, train),
      train,
      poisons,
      rows,
      more: { bestStep: attack.main.bestStep }
    })
    return {
      stopped: quick ? 'cancelled' : attack.stopped,
      data: {
        train: train.count,
        validation: validation.count,
        test: test?.count ?? 0,
        shape: [...train.shape],
        classes: [...train.classNames]
      },
      metrics: { ...metrics },
      advice: [...attack.advice, ...poisoningAdvice(metrics, test !== undefined)],
      upperSteps: attack.upperSteps,
      lowerSteps: attack.lowerSteps,
      solverSeconds: attack.solverSeconds
    }
  } finally {
    await poisoned.close()
  }
}

function inputsOf(
  { train, validation, test }: Readonly<Record<string, ExampleSelection>>,
  spec: TaskSpec
): { inputs: Inputs; poisoning: PoisoningSpec } {
  if (spec.task !== 'poisoning' || !train || !validation) {
    throw new Error('Poisoning needs train and validation data.')
  }
  return { inputs: { train, validation, test }, poisoning: spec }
}

function poisonsOf({ start, x }: CraftedSet, train: ExampleSelection): Poisons {
  return {
    x,
    y: start.labels,
    baseIndices: start.rows,
    xBase: start.features,
    truth: train.truth && start.rows.map((row) => train.truth![row]!)
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
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'bilevel-poisoned-'))
  const remove = (): Promise<void> => rm(scratch, { recursive: true, force: true })
  try {
    const store = new DatasetStore(path.join(scratch, 'datasets'))
    const read = await resolveReference(store, dir, {
      format: spec.format,
      imageSize: spec.imageSize,
      labelColumn: spec.labelColumn
    })
    const [, selection] = alignClasses([train, read])
    return {
      selection: selection!,
      close: async () => {
        read.close()
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
  await writeWhole(path.join(outputDir, file), await renderStrip(rows, train.shape))
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
