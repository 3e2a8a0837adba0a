import type { Damage, PoisoningMetrics } from '../domain/poisoning-metrics'
import { METHODS, MODELS, poisoningSpec } from '../domain/task-spec'
import type { PoisoningSpec } from '../domain/task-spec'
import { counted, percent } from '../words/numbers'
import { cleanLabelVerdict } from './clean-label'
import { role, share, testRole, validationRole } from './task'
import type { Quality, TaskDefinition } from './task'

export const poisoning: TaskDefinition<'poisoning'> = {
  task: 'poisoning',
  name: 'Poisoning',
  title: 'Test robustness with poisoned examples',
  text: 'Craft training examples that do the most damage, and see how much your training pipeline suffers.',
  icon: 'pi-exclamation-triangle',
  schema: poisoningSpec,
  roles: [
    role('train', 'What the victim is trained on; poisons are added to a copy.'),
    validationRole,
    testRole(false)
  ],
  sharesClasses: true,
  models: MODELS,
  presets: [
    { name: 'Quick look', text: 'Few steps, one victim.', values: { upperSteps: 30, victimSeeds: 1 } },
    { name: 'Balanced', text: 'The settings of the experiments in the documentation.', values: {} },
    { name: 'Thorough', text: 'More retrained victims, for narrower intervals.', values: { victimSeeds: 5 } }
  ],
  command: {
    name: 'poison',
    summary: 'craft poisons, retrain victims, report the damage',
    examples: `
  bilevel poison --attack untargeted --train "mnist#train[0:1000]" --validation "mnist#train[1000:2000]" \\
      --test "mnist#test" --count 60 --out attack
  bilevel poison --attack clean-label --train "photos.zip#train" --validation "photos.zip#test" \\
      --targets 50 --epsilon 0.06275 --out clean-label`
  },
  isRace: false,
  // GD leaves out how the victim follows the poisons, which is all that added points act through: it moves none.
  methods: ({ attack }) => (attack === 'clean-label' ? METHODS : METHODS.filter((method) => method !== 'gd')),
  curves: ['extra.retrainedSuccessRate', 'extra.retrainedAccuracy'],
  qualities: ({ metrics }) =>
    'attack' in metrics
      ? damageQualities(metrics)
      : share('targets hit, net of duplicates', metrics.netSuccessRate),
  files: [],
  sentences: ({ metrics, spec }) =>
    'attack' in metrics ? poisoningVerdict(metrics, spec) : cleanLabelVerdict(metrics)
}

/** What an attack is judged by: accuracy lost, or examples of one class taken for another. */
export type DamageName = 'testAccuracy' | 'successRate' | 'otherAccuracy'

/** Measured on the test examples; on those of validation where there are none. */
export function measuredDamage(metrics: PoisoningMetrics): Damage {
  return metrics.testAccuracy.clean === null && metrics.testAccuracy.poisoned === null
    ? metrics.validation
    : metrics
}

export function damageName({ attack }: Pick<PoisoningMetrics, 'attack'>): DamageName {
  return attack === 'targeted' ? 'successRate' : 'testAccuracy'
}

/** Damage is the attacker's quality; where nothing was tested, damage on validation counts. */
function damageQualities(metrics: PoisoningMetrics): Quality[] {
  const { on, testAccuracy, successRate } = measuredDamage(metrics)
  return [
    ...share(`${on} success rate gained`, difference(successRate?.poisoned, successRate?.clean)),
    ...share(`${on} accuracy lost`, difference(testAccuracy.clean, testAccuracy.poisoned))
  ]
}

function difference(from: number | null | undefined, to: number | null | undefined): number | undefined {
  return from == null || to == null ? undefined : from - to
}

/** The outcome in sentences: what was done, what it did, and whether that is more than wrong labels alone do. */
export function poisoningVerdict(metrics: PoisoningMetrics, spec: PoisoningSpec): string[] {
  const damage = measuredDamage(metrics)
  const share = `With ${counted(metrics.count, 'poison')} added (${percent(metrics.share)} of the training examples)`
  const sentences =
    metrics.attack === 'targeted'
      ? targetedSentences(share, damage, spec)
      : untargetedSentences(share, damage)
  const compared = beyondFlips(damage, damageName(metrics))
  return compared ? [...sentences, compared] : sentences
}

function untargetedSentences(share: string, { on, testAccuracy }: Damage): string[] {
  const { clean, labelFlip, poisoned } = testAccuracy
  if (clean === null || poisoned === null) return [`${share}, no victim was measured.`]
  const sentences = [
    `${share}, a retrained classifier goes from ${percent(clean)} to ${percent(poisoned)} ${on} accuracy: ${change(clean, poisoned)}.`
  ]
  if (labelFlip !== null) {
    sentences.push(
      `The same examples with flipped labels alone: ${percent(labelFlip)}, ${change(clean, labelFlip)}.`
    )
  }
  return sentences
}

function targetedSentences(share: string, damage: Damage, spec: PoisoningSpec): string[] {
  const { clean, labelFlip, poisoned } = damage.successRate ?? damage.testAccuracy
  if (clean === null || poisoned === null) return [`${share}, no victim was measured.`]
  const sentences = [
    `${share}, a retrained classifier takes ${percent(poisoned)} of “${spec.fromClass}” for “${spec.toClass}”; without them it is ${percent(clean)}.`
  ]
  if (labelFlip !== null) sentences.push(`Flipped labels alone: ${percent(labelFlip)}.`)
  const other = damage.otherAccuracy
  if (other && other.clean !== null && other.poisoned !== null) {
    sentences.push(
      `Accuracy on the other classes goes from ${percent(other.clean)} to ${percent(other.poisoned)}.`
    )
  }
  return sentences
}

function change(from: number, to: number): string {
  const points = Math.abs(100 * (from - to)).toFixed(1)
  return to <= from ? `${points} points lost` : `${points} points gained`
}

/** Whether the optimisation did more than its starting points, by intervals that do not meet. */
function beyondFlips(damage: Damage, name: DamageName): string | undefined {
  const { labelFlip, poisoned } = damage.intervals[name] ?? {}
  if (!labelFlip || !poisoned) return undefined
  const areDisjoint = name === 'successRate' ? poisoned.low > labelFlip.high : poisoned.high < labelFlip.low
  return areDisjoint
    ? 'The 95 % intervals of the two do not meet: optimising the poisons did more than wrong labels alone.'
    : 'The 95 % intervals of the two meet: it cannot be told from chance whether optimising did more than wrong labels alone.'
}
