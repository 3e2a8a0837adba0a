import { existsSync } from 'node:fs'
import path from 'node:path'
import { implement } from '@orpc/server'
import { poisons } from '../../shared/contract/poisons'
import { exampleSize } from '../../shared/domain/dataset'
import { badInput, Failure } from '../../shared/domain/failure'
import type { PoisonFacts } from '../../shared/domain/poison-facts'
import { readingOptionsOf } from '../../shared/domain/reading-options'
import type { RunRecord } from '../../shared/domain/run'
import { denoisingSpec } from '../../shared/domain/task-spec'
import type { DenoisingSpec, PoisoningSpec } from '../../shared/domain/task-spec'
import { readNamedArrays, renderPoisonPanels } from '../datasets'
import type { ExampleSelection } from '../datasets'
import { nearestOfClass } from './nearest-examples'
import { png } from './png'
import { POISONED_FOLDER } from './allowed-spec'
import { portableSpec } from './run-data'
import type { ResultsContext } from './run-results'

const os = implement(poisons).$context<ResultsContext>()

export const poisonProcedures = os.router({
  list: os.list.handler(async ({ context, input: { run, count = null, from = 0, size = 12 } }) => {
    const set = await readPoisons(context, run, count)
    const facts: PoisonFacts[] = []
    for (let index = from; index < Math.min(from + size, set.total); index++) {
      facts.push(await factsOf(set, index))
    }
    return { total: set.total, shape: [...set.train.shape], poisons: facts }
  }),
  panels: os.panels.handler(async ({ context, input: { run, count = null, indices, tileSize } }) => {
    const set = await readPoisons(context, run, count)
    const wrong = indices.find((index) => index >= set.total)
    if (wrong !== undefined) {
      throw badInput(`There is no poison ${wrong}: there are ${set.total}.`, 'Count from 0.')
    }
    const pairs = indices.map((index) => ({ base: set.baseOf(index), poison: set.poisonOf(index) }))
    return png(await renderPoisonPanels(set.train, pairs, tileSize))
  }),
  defence: os.defence.handler(({ context, input: { run } }) => defenceOf(context, run))
})

/** The poisons of an attack with the data that they were made from. */
interface PoisonSet {
  readonly spec: PoisoningSpec
  readonly total: number
  readonly train: ExampleSelection
  readonly validation: ExampleSelection
  readonly labels: Float32Array
  readonly baseRows: Float32Array
  /** Rows of the targets in the validation data; only of clean-label attacks. */
  readonly targetRows: Float32Array | undefined
  poisonOf(index: number): Float32Array
  baseOf(index: number): Float32Array
}

/** @throws Failure conflict, not-found, bad-input when the run left no poisons or its data are gone */
async function readPoisons(context: ResultsContext, run: string, count: number | null): Promise<PoisonSet> {
  const { record, spec } = attackOf(context, run)
  const file = path.join(record.outputDir, count === null ? 'poisons.npz' : `poisons-${count}.npz`)
  if (!existsSync(file)) {
    throw new Failure(
      'not-found',
      `Run "${record.name}" left no ${path.basename(file)}.`,
      'Wait until it is done, or run it again.'
    )
  }
  const arrays = await readNamedArrays(file)
  const valuesOf = (name: string): Float32Array => {
    const array = arrays.get(name)
    if (!array) throw badInput(`${file} holds no array ${name}.`, 'Run the attack again.')
    return array.values
  }
  const train = await context.selectionOf(run, 'train')
  const size = exampleSize(train.shape)
  const [x, xBase, labels] = [valuesOf('x'), valuesOf('x_base'), valuesOf('y')]
  if (x.length !== labels.length * size || xBase.length !== x.length) {
    throw badInput(`${file} does not hold examples of the run's training data.`, 'Run the attack again.')
  }
  return {
    spec,
    total: labels.length,
    train,
    validation: await context.selectionOf(run, 'validation'),
    labels,
    baseRows: valuesOf('base_indices'),
    targetRows: arrays.get('target_indices')?.values,
    poisonOf: (index) => x.subarray(index * size, (index + 1) * size),
    baseOf: (index) => xBase.subarray(index * size, (index + 1) * size)
  }
}

async function factsOf(set: PoisonSet, index: number): Promise<PoisonFacts> {
  const { train, labels, baseRows } = set
  const row = baseRows[index]!
  const base = set.baseOf(index)
  const change = set.poisonOf(index).map((value, i) => value - base[i]!)
  return {
    index,
    label: nameOf(train, labels[index]!),
    base: { row, label: nameOf(train, train.labels[row] ?? -1) },
    linf: change.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    l2: Math.sqrt(change.reduce((sum, value) => sum + value * value, 0)),
    beside: await besideOf(set, index)
  }
}

async function besideOf(set: PoisonSet, index: number): Promise<PoisonFacts['beside']> {
  const { validation, targetRows, spec } = set
  const poison = set.poisonOf(index)
  const target = targetRows?.[index]
  if (target !== undefined) {
    const image = validation.readRows([target])
    const distance = Math.sqrt(poison.reduce((sum, value, i) => sum + (value - image[i]!) ** 2, 0))
    const label = nameOf(validation, validation.labels[target] ?? -1)
    return { row: target, label, distance, isTarget: true }
  }
  const attacked = spec.attack === 'targeted' ? validation.classNames.indexOf(spec.fromClass ?? '') : -1
  const [nearest] = await nearestOfClass(validation, attacked < 0 ? null : attacked, poison, 1)
  if (!nearest) return null
  const { row, label, distance } = nearest
  return { row, label: nameOf(validation, label), distance, isTarget: false }
}

function nameOf({ classNames }: ExampleSelection, label: number): string {
  return classNames[label] ?? String(label)
}

/** @throws Failure not-found, conflict unless the run is an attack */
function attackOf({ workspace }: ResultsContext, run: string): { record: RunRecord; spec: PoisoningSpec } {
  const record = workspace.store.get(run)
  const { spec } = record
  if (spec.task !== 'poisoning') {
    throw new Failure(
      'conflict',
      `Run "${record.name}" crafted no poisons (${spec.task}).`,
      'Choose a poisoning run.'
    )
  }
  return { record, spec }
}

async function defenceOf(context: ResultsContext, run: string): Promise<DenoisingSpec> {
  const { record } = attackOf(context, run)
  const poisoned = path.join(record.outputDir, POISONED_FOLDER)
  if (!existsSync(poisoned)) {
    throw new Failure(
      'conflict',
      `Run "${record.name}" left no poisoned dataset to defend.`,
      'Wait until it is done, or run it again.'
    )
  }
  const spec = (await portableSpec(context.workspace, context.datasets, run)) as PoisoningSpec
  return denoisingSpec.parse({
    task: 'denoising',
    train: poisoned,
    trusted: spec.validation,
    test: spec.test,
    model: spec.model,
    hiddenSizes: spec.hiddenSizes,
    ...readingOptionsOf(spec),
    seed: spec.seed,
    backend: spec.backend,
    pins: spec.pins
  })
}
