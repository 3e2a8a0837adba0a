import { badInput } from '../../../shared/domain/failure'
import type { PoisoningSpec } from '../../../shared/domain/task-spec'

/** What an attack by added points is after. */
export type AttackGoal =
  | { readonly kind: 'untargeted' }
  | {
      readonly kind: 'targeted'
      /** Class whose examples shall be misread. */
      readonly from: number
      /** What they shall be taken for. */
      readonly to: number
    }

/** @throws Failure bad-input that names the option and the remedy */
export function attackGoal(spec: PoisoningSpec, classNames: readonly string[]): AttackGoal {
  const { fromClass, toClass } = spec
  if (spec.attack !== 'targeted') {
    const given = fromClass !== undefined ? '--from-class' : toClass !== undefined ? '--to-class' : undefined
    if (given) {
      throw badInput(
        `${given} belongs to a targeted attack.`,
        `Add --attack targeted, or leave ${given} out.`
      )
    }
    return { kind: 'untargeted' }
  }
  if (fromClass === undefined || toClass === undefined) {
    throw badInput(
      `A targeted attack needs ${fromClass === undefined ? '--from-class' : '--to-class'}.`,
      'Name the class to be misread with --from-class and what it shall be taken for with --to-class.'
    )
  }
  const classOf = (flag: string, name: string): number => {
    const index = classNames.indexOf(name)
    if (index >= 0) return index
    const shown = classNames.slice(0, 12).join(', ')
    throw badInput(`${flag} "${name}" is no class of --train (${spec.train}).`, `Take one of ${shown}.`)
  }
  const from = classOf('--from-class', fromClass)
  const to = classOf('--to-class', toClass)
  if (from === to) {
    throw badInput(`--from-class and --to-class are both "${fromClass}".`, 'Name two different classes.')
  }
  return { kind: 'targeted', from, to }
}

/** How a classifier does on a set, by what the attack is after. Shares are undefined where nothing was tried. */
export interface GoalScore {
  /** Share of all examples whose most probable class is the label. */
  readonly accuracy: number
  /** Targeted: share of the class to be misread that is taken for the wanted class. */
  readonly success?: number
  /** Targeted: accuracy on the other classes. */
  readonly other?: number
}

/** How many examples each share is over. */
export interface GoalTrials {
  readonly accuracy: number
  readonly success: number
  readonly other: number
}

export function goalTrials(goal: AttackGoal, labels: ArrayLike<number>): GoalTrials {
  const accuracy = labels.length
  if (goal.kind === 'untargeted') return { accuracy, success: 0, other: 0 }
  const success = Array.from(labels).filter((label) => label === goal.from).length
  return { accuracy, success, other: accuracy - success }
}

export function goalScore(
  goal: AttackGoal,
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>
): GoalScore {
  let right = 0
  let taken = 0
  let otherRight = 0
  for (let i = 0; i < labels.length; i++) {
    const isRight = labels[i] === predicted[i]
    right += Number(isRight)
    if (goal.kind === 'untargeted') continue
    if (labels[i] === goal.from) taken += Number(predicted[i] === goal.to)
    else otherRight += Number(isRight)
  }
  const trials = goalTrials(goal, labels)
  return {
    accuracy: right / trials.accuracy,
    ...(trials.success > 0 ? { success: taken / trials.success } : {}),
    ...(trials.other > 0 ? { other: otherRight / trials.other } : {})
  }
}
