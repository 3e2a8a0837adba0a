import type { Damage, PoisoningMetrics } from '../../../shared/domain/poisoning-metrics'
import type { PoisoningSpec } from '../../../shared/domain/task-spec'
import { goalTrials } from './attack-goal'
import type { AttackGoal, GoalScore } from './attack-goal'
import type { RowsOf } from '../shared/classifier-training'
import { perturbationSizes } from '../shared/perturbation'
import { added } from './crafting'
import { victimNetwork } from './train'
import type { CraftedAttack, CraftedSet, PoisoningSources } from './train'
import { allRows } from './batches'
import type { PoisoningProgress } from './progress'
import { l2Of, poisoningSettings } from './settings'
import { ResidentExamples } from '../shared/resident-examples'
import type { ExampleSource } from '../shared/task-run'
import { estimateScores, scoreVictim, trainVictim } from './victims'
import type { RateEstimate } from './victims'

type Condition = 'clean' | 'labelFlip' | 'poisoned'
type Estimates = Partial<Record<keyof GoalScore, RateEstimate>>
type Conditions = Partial<Record<Condition, readonly RowsOf[]>>

export type AttackJudgement = Omit<PoisoningMetrics, 'defence'>

/** Everything that victims are trained and tried on. */
export interface JudgedData extends PoisoningSources {
  /** The poisoned set as it was read back from its files. */
  readonly poisoned: ExampleSource
}

/**
 * Train victims from scratch on the clean set, on the clean set with the starting points (label flips) and on the
 * poisoned set as exported, with several seeds each, and measure them on the test examples and on validation.
 * Time that is up leaves out further seeds, models and budgets.
 * @param quick one seed, the attacked model only: for runs that were cancelled
 */
export async function judgeAttack(
  data: JudgedData,
  attack: CraftedAttack,
  spec: PoisoningSpec,
  progress: PoisoningProgress,
  quick: boolean
): Promise<AttackJudgement> {
  const { goal, main } = attack
  const count = main.start.rows.length
  const train = new ResidentExamples(data.train)
  const jury = new Jury(data, goal, spec, progress, quick)
  const measured = (verdict: Verdict): Damage => (data.test ? verdict.test : verdict.validation)
  const clean = [everyRowOf(train)]
  const withPoisons = (set: CraftedSet, x: Float32Array): readonly RowsOf[] => [
    ...clean,
    everyRowOf(new ResidentExamples(added(train, set.start.labels, x)))
  ]
  const written: Conditions = {
    clean,
    labelFlip: withPoisons(main, main.start.features),
    poisoned: [everyRowOf(new ResidentExamples(data.poisoned))]
  }
  const others = quick ? [] : (spec.victims ?? []).filter((model) => model !== spec.model)
  const budgets = quick ? [] : attack.sets.filter((set) => set !== main)
  jury.expect(3 * (1 + others.length) + 2 * budgets.length)
  const verdict = await jury.judge(spec.model, written)
  const transfer: AttackJudgement['transfer'] = []
  for (const model of others) {
    if (progress.isTimeUp) break
    transfer.push({ model, ...measured(await jury.judge(model, written)) })
  }
  const points = new Map([[count, measured(verdict)]])
  for (const set of budgets) {
    if (progress.isTimeUp) break
    const at: Conditions = {
      labelFlip: withPoisons(set, set.start.features),
      poisoned: withPoisons(set, set.x)
    }
    points.set(set.start.rows.length, measured(await jury.judge(spec.model, at, verdict.clean)))
  }
  const shareOf = (poisons: number): number => poisons / train.count
  return {
    attack: goal.kind,
    count,
    share: shareOf(count),
    ...verdict.test,
    validation: verdict.validation,
    transfer,
    ...(budgets.length > 0
      ? {
          budgetCurve: [...points]
            .sort(([a], [b]) => a - b)
            .map(([poisons, found]) => ({ count: poisons, share: shareOf(poisons), ...found }))
        }
      : {}),
    perturbation: sizesOf(main),
    bestStep: main.bestStep,
    checks: [...main.checks]
  }
}

/** Victims trained on any one set: what a defence has left is judged like the poisoned set. */
export async function judgeSet(
  data: PoisoningSources,
  set: RowsOf,
  goal: AttackGoal,
  spec: PoisoningSpec,
  progress: PoisoningProgress
): Promise<Damage> {
  const jury = new Jury(data, goal, spec, progress, false)
  jury.expect(1)
  const verdict = await jury.judge(spec.model, { poisoned: [set] })
  return data.test ? verdict.test : verdict.validation
}

interface Verdict {
  readonly test: Damage
  readonly validation: Damage
  /** Estimates of the clean victims, to be used again. */
  readonly clean: CleanEstimates
}

type CleanEstimates = { readonly test: Estimates; readonly validation: Estimates }

class Jury {
  readonly #seeds: number
  readonly #sets: { readonly test?: RowsOf; readonly validation: RowsOf }
  #expected = 1
  #done = 0

  constructor(
    private readonly data: PoisoningSources,
    private readonly goal: AttackGoal,
    private readonly spec: PoisoningSpec,
    private readonly progress: PoisoningProgress,
    quick: boolean
  ) {
    this.#seeds = quick ? 1 : poisoningSettings(spec, { train: data.train.count }).victimSeeds
    this.#sets = {
      test: data.test && everyRowOf(new ResidentExamples(data.test)),
      validation: everyRowOf(new ResidentExamples(data.validation))
    }
  }

  /** @param sets how many sets victims will be trained on */
  expect(sets: number): void {
    this.#expected = sets * this.#seeds
    this.#done = 0
  }

  async judge(model: string, conditions: Conditions, clean?: CleanEstimates): Promise<Verdict> {
    const on: Record<'test' | 'validation', Partial<Record<Condition, Estimates>>> = {
      test: clean ? { clean: clean.test } : {},
      validation: clean ? { clean: clean.validation } : {}
    }
    for (const [condition, parts] of Object.entries(conditions) as [Condition, readonly RowsOf[]][]) {
      const found = await this.#estimates(model, parts)
      on.test[condition] = found.test
      on.validation[condition] = found.validation
    }
    return {
      test: damageOf(this.goal, on.test, 'test'),
      validation: damageOf(this.goal, on.validation, 'validation'),
      clean: { test: on.test.clean ?? {}, validation: on.validation.clean ?? {} }
    }
  }

  async #estimates(model: string, parts: readonly RowsOf[]): Promise<CleanEstimates> {
    const network = victimNetwork(model, this.spec, this.data.train)
    const scores: Record<'test' | 'validation', GoalScore[]> = { test: [], validation: [] }
    for (let seed = 0; seed < this.#seeds; seed++) {
      if (seed > 0 && this.progress.isTimeUp) break
      this.progress.judging(this.#done++, this.#expected)
      const victim = await trainVictim(
        network,
        parts,
        l2Of(model, this.spec),
        this.spec.seed + seed,
        this.progress.watch()
      )
      const { test, validation } = this.#sets
      if (test) scores.test.push(scoreVictim(network, victim, this.goal, test))
      scores.validation.push(scoreVictim(network, victim, this.goal, validation))
    }
    const estimate = (name: 'test' | 'validation'): Estimates => {
      const set = this.#sets[name]
      return set ? estimateScores(scores[name], goalTrials(this.goal, set.examples.labels)) : {}
    }
    return { test: estimate('test'), validation: estimate('validation') }
  }
}

function damageOf(goal: AttackGoal, found: Partial<Record<Condition, Estimates>>, on: Damage['on']): Damage {
  const rates = (name: keyof GoalScore): Record<Condition, number | null> => ({
    clean: found.clean?.[name]?.rate ?? null,
    labelFlip: found.labelFlip?.[name]?.rate ?? null,
    poisoned: found.poisoned?.[name]?.rate ?? null
  })
  const estimates = (name: keyof GoalScore): Damage['intervals'][string] => {
    const of = (condition: Condition): Damage['intervals'][string][Condition] => {
      const estimate = found[condition]?.[name]
      return estimate ? { ...estimate, seeds: [...estimate.seeds] } : null
    }
    return { clean: of('clean'), labelFlip: of('labelFlip'), poisoned: of('poisoned') }
  }
  return {
    on,
    testAccuracy: rates('accuracy'),
    ...(goal.kind === 'targeted' ? { successRate: rates('success'), otherAccuracy: rates('other') } : {}),
    intervals: {
      testAccuracy: estimates('accuracy'),
      ...(goal.kind === 'targeted'
        ? { successRate: estimates('success'), otherAccuracy: estimates('other') }
        : {})
    }
  }
}

function sizesOf({ x, start }: CraftedSet): AttackJudgement['perturbation'] {
  const sizes = perturbationSizes(x, start.features, x.length / start.rows.length)
  const mean = (values: number[]): number => values.reduce((total, value) => total + value, 0) / values.length
  const l2 = sizes.map((size) => size.l2)
  const linf = sizes.map((size) => size.linf)
  return { meanL2: mean(l2), maxL2: Math.max(...l2), meanLinf: mean(linf), maxLinf: Math.max(...linf) }
}

function everyRowOf(examples: ResidentExamples): RowsOf {
  return { examples, rows: allRows(examples.count) }
}
