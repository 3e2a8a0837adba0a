import { badInput } from '../../../shared/domain/failure'
import { extractorOf } from '../../../shared/domain/features-choice'
import { MODELS } from '../../../shared/domain/task-spec'
import type { PoisoningSpec } from '../../../shared/domain/task-spec'
import { buildSolver } from '../../bilevel/methods'
import { buildModel } from '../../models/classifier'
import type { Network } from '../../models/network'
import { attackGoal } from './attack-goal'
import type { AttackGoal } from './attack-goal'
import { isFromPhase } from '../shared/bilevel-loop'
import { occurringClasses } from '../shared/occurring-classes'
import { CRAFTING_PHASE, craftPoisons } from './crafting'
import type { CraftCheck, CraftResult } from './crafting'
import type { PoisoningProgress } from './progress'
import { l2Of, poisoningSettings } from './settings'
import { ResidentExamples } from '../shared/resident-examples'
import { startingPoints } from './starting-points'
import type { StartingPoints } from './starting-points'
import { RunPaused } from '../shared/task-run'
import type { Checkpoint, ExampleSource, Solved, TaskRun } from '../shared/task-run'

export interface PoisoningSources {
  readonly train: ExampleSource
  readonly validation: ExampleSource
  readonly test?: ExampleSource
}

/** Poisons of one number, as they can be stored. */
export interface CraftedSet {
  readonly start: StartingPoints
  /** [count, ...shape] flattened */
  readonly x: Float32Array
  readonly bestStep: number
  readonly checks: readonly CraftCheck[]
}

export interface CraftedAttack extends Solved {
  readonly goal: AttackGoal
  /** One a budget, ascending; the set with `count` poisons is the one to write. */
  readonly sets: readonly CraftedSet[]
  readonly main: CraftedSet
}

export interface CraftingHooks {
  /** Pixels as a file of the training data's kind can hold them. */
  stored(x: Float32Array): Float32Array
  /** After each retrained victim of the main set: what the poisons look like now. */
  onSnapshot?(step: number, x: Float32Array, start: StartingPoints): Promise<void>
}

/** The model that is attacked, or a victim: logistic has no bias, as in the paper. */
export function victimNetwork(model: string, spec: PoisoningSpec, source: ExampleSource): Network {
  return buildModel(model, {
    shape: source.shape,
    classes: source.classNames.length,
    hiddenSizes: spec.hiddenSizes,
    bias: model === 'logistic' ? false : undefined
  })
}

/**
 * Craft the poisons of an untargeted or targeted attack by added points, one set a budget.
 * @throws Failure bad-input when spec and data do not fit; RunPaused after a checkpoint
 */
export async function craftAttack(
  sources: PoisoningSources,
  spec: PoisoningSpec,
  run: TaskRun,
  progress: PoisoningProgress,
  hooks: CraftingHooks
): Promise<CraftedAttack> {
  const goal = checkPoisoning(sources, spec)
  const train = new ResidentExamples(sources.train)
  const validation = new ResidentExamples(sources.validation)
  const network = victimNetwork(spec.model, spec, sources.train)
  const settings = poisoningSettings(spec, { train: train.count })
  const done = doneBefore(run.restored)
  const sets: CraftedSet[] = []
  const results: CraftResult[] = []
  for (const [index, count] of settings.budgets.entries()) {
    const start = startingPoints(goal, train, count, spec.seed)
    const finished = done.sets[index]
    if (finished) {
      results.push(finished)
      sets.push({ start, ...finished })
      continue
    }
    const over = results.some(({ stopped }) => stopped === 'time' || stopped === 'cancelled')
    if (over && count !== settings.count) continue
    progress.enterCrafting(index, settings)
    const result = await craftPoisons(
      {
        network,
        goal,
        settings,
        train,
        validation,
        start,
        l2: l2Of(spec.model, spec),
        seed: spec.seed,
        stored: (x) => hooks.stored(x),
        buildSolver: (problem) => buildSolver(spec.method, problem, settings.solver, spec)
      },
      run,
      {
        beside: doneCheckpoint(results),
        restored: index === done.sets.length ? done.current : undefined,
        onStep: (report, step) => progress.step(report, step),
        onCheck: async (check, x) => {
          progress.check(check)
          if (count === settings.count) await hooks.onSnapshot?.(check.step, x, start)
        }
      }
    )
    results.push(result)
    sets.push({ start, ...result })
    await run.saveCheckpoint(doneCheckpoint(results))
  }
  if ((await run.poll()) === 'pause') throw new RunPaused()
  const main = sets.find(({ start }) => start.rows.length === settings.count)!
  const diverged = results.find(({ divergence }) => divergence)?.divergence
  const upperSteps = results.reduce((total, result) => total + result.upperSteps, 0)
  return {
    goal,
    sets,
    main,
    stopped: diverged
      ? 'diverged'
      : (results.find(({ stopped }) => stopped !== 'epochs')?.stopped ?? 'epochs'),
    upperSteps,
    lowerSteps: upperSteps * settings.solver.lowerSteps,
    solverSeconds: results.reduce((total, result) => total + result.solverSeconds, 0),
    advice: [
      ...(diverged ? [`${diverged.sentence} ${diverged.remedy}`] : []),
      ...(main.bestStep === 0
        ? [
            'No step made the poisons better than label flips on the validation examples: these are written. Try other learning rates or more --upper-steps.'
          ]
        : [])
    ]
  }
}

/** Sets that are complete, as a checkpoint: what a later one of the same run is built on. */
function doneCheckpoint(results: readonly CraftResult[]): Checkpoint {
  return {
    json: { done: results.map((result) => ({ ...result, x: undefined })) },
    arrays: Object.fromEntries(results.map(({ x }, i) => [`set${i}`, x]))
  }
}

function doneBefore(restored: Checkpoint | undefined): { sets: CraftResult[]; current?: Checkpoint } {
  const saved = (restored?.json['done'] ?? []) as Omit<CraftResult, 'x'>[]
  const sets = saved.map((result, i) => ({ ...result, x: restored!.arrays[`set${i}`] as Float32Array }))
  return { sets, current: isFromPhase(restored, CRAFTING_PHASE) ? restored : undefined }
}

const ONLY_CLEAN_LABEL = ['targets', 'epsilon', 'epsilonL2', 'beta', 'features'] as const
const FLAGS = { epsilonL2: '--epsilon-l2' } as const
/** Rows looked at to see that features lie in 0..1. */
const LOOKED_AT = 500

/**
 * See that the sets fit together and the spec can run, without training.
 * @throws Failure bad-input that names the argument and the remedy
 */
export function checkPoisoning(sources: PoisoningSources, spec: PoisoningSpec): AttackGoal {
  refuseStrayOptions(spec)
  const { train } = sources
  const { classNames } = train
  if (occurringClasses(train.labels).length < 2) {
    throw badInput(`--train (${spec.train}) has a single class.`, 'An attack needs at least two classes.')
  }
  const goal = attackGoal(spec, classNames)
  const { budgets } = poisoningSettings(spec, { train: train.count })
  const most = budgets.at(-1)!
  if (most > 10 * train.count) {
    throw badInput(
      `${most} poisons for ${train.count} training examples are too many.`,
      'Take a smaller --count.'
    )
  }
  for (const model of [spec.model, ...(spec.victims ?? [])]) {
    if (!MODELS.includes(model as (typeof MODELS)[number])) {
      throw badInput(`--victims names "${model}", which is no model.`, `Take some of ${MODELS.join(', ')}.`)
    }
    // The model refuses shapes it cannot take.
    victimNetwork(model, spec, train)
  }
  if (goal.kind === 'targeted') requireBothClasses(sources, spec, goal)
  requireUnitRange(train, spec)
  return goal
}

/** Options that say nothing to this attack: to ignore them would answer another question than was asked. */
function refuseStrayOptions(spec: PoisoningSpec): void {
  // An extractor suits every attack: its features are the data then.
  const isExtracted = extractorOf(spec) !== undefined
  const stray = ONLY_CLEAN_LABEL.find(
    (field) => spec[field] !== undefined && !(field === 'features' && isExtracted)
  )
  if (stray) {
    const flag = stray in FLAGS ? FLAGS[stray as keyof typeof FLAGS] : `--${stray}`
    throw badInput(`${flag} belongs to a clean-label attack.`, `Leave it out, or take --attack clean-label.`)
  }
  if (spec.epochs !== undefined) {
    throw badInput('--epochs does not apply to poisoning.', 'Poisoning counts --upper-steps.')
  }
  if (spec.method === 'gd') {
    throw badInput(
      'The method "gd" ignores how the victim follows the poisons, and moves no poison at all.',
      'Take --method penalty, approx-grad, rmd or value-function.'
    )
  }
  if (spec.attack !== 'targeted' && spec.spareOthers !== undefined) {
    throw badInput('--spare-others belongs to a targeted attack.', 'Leave it out, or take --attack targeted.')
  }
}

function requireBothClasses(
  { train, validation }: PoisoningSources,
  spec: PoisoningSpec,
  { from, to }: Extract<AttackGoal, { kind: 'targeted' }>
): void {
  const { classNames } = train
  for (const label of [from, to]) {
    if (!train.labels.includes(label)) {
      throw badInput(
        `--train (${spec.train}) has no example of "${classNames[label]}".`,
        'A targeted attack starts from examples of both classes.'
      )
    }
  }
  if (!validation.labels.includes(from)) {
    throw badInput(
      `--validation (${spec.validation}) has no example of "${classNames[from]}" to learn the attack on.`,
      'Name validation data that has some.'
    )
  }
}

function requireUnitRange(train: ExampleSource, spec: PoisoningSpec): void {
  const step = Math.max(1, Math.floor(train.count / LOOKED_AT))
  const rows = Array.from({ length: Math.ceil(train.count / step) }, (_, i) => i * step)
  const values = train.readRows(rows)
  const outside = values.find((value) => !(value >= 0 && value <= 1))
  if (outside === undefined) return
  throw badInput(
    `--train (${spec.train}) has features outside 0..1, such as ${outside}.`,
    'Poisons are made in the box 0..1: scale the features, or take images.'
  )
}
