import type { CleanLabelResult } from '../../../engine/tasks/clean-label/train'
import type { CleanLabelJudgement } from '../../../engine/tasks/clean-label/judgement'
import type { CleanLabelMetrics } from '../../../shared/domain/clean-label-metrics'
import { wilsonInterval } from '../../../shared/numerics/rate-interval'
import { BENCHMARK_LINF } from './write-benchmark'

/** The numbers of report.json. */
export function cleanLabelMetricsOf(
  result: CleanLabelResult,
  judgement: CleanLabelJudgement,
  classNames: readonly string[],
  trainCount: number,
  exportedTrial: number | null
): CleanLabelMetrics {
  const { trials } = judgement
  const count = (hit: (trial: (typeof trials)[number]) => boolean): number => trials.filter(hit).length
  const rate = (hits: number): number => hits / trials.length
  const successes = count(({ success }) => success)
  const netSuccesses = count(({ success, duplicateSuccess }) => success && !duplicateSuccess)
  const duplicates = count(({ duplicateSuccess }) => duplicateSuccess)
  const replaced = count(({ replacedSuccess }) => replacedSuccess)
  const sizes = trials.flatMap((trial) => trial.sizes)
  const { quality, settings } = result
  const { kind, ...features } = quality
  return {
    successRate: rate(successes),
    successes,
    targets: trials.length,
    successInterval: wilsonInterval(successes, trials.length),
    netSuccessRate: rate(netSuccesses),
    netSuccesses,
    netInterval: wilsonInterval(netSuccesses, trials.length),
    duplicate: { successes: duplicates, rate: rate(duplicates) },
    replaced: { successes: replaced, rate: rate(replaced) },
    poisonsPerTarget: settings.poisons,
    poisonShare: settings.poisons / trainCount,
    perturbation: {
      linf: spread(sizes.map(({ linf }) => linf)),
      l2: spread(sizes.map(({ l2 }) => l2))
    },
    bound: { linf: settings.bound.linf ?? null, l2: settings.bound.l2 ?? null },
    featureDistance: {
      before: mean(trials.map(({ featureDistance }) => featureDistance.before)),
      after: mean(trials.map(({ featureDistance }) => featureDistance.after))
    },
    pixelDistance: {
      toTarget: mean(trials.map(({ pixelDistance }) => pixelDistance.toTarget)),
      toBase: mean(trials.map(({ pixelDistance }) => pixelDistance.toBase))
    },
    becameTarget: count(({ becameTarget }) => becameTarget),
    testAccuracy: judgement.testAccuracy,
    trainAccuracy: judgement.trainAccuracy,
    poisonsFitted: judgement.poisonsFitted,
    victim: { l2: settings.victim.l2, iterations: settings.victim.iterations },
    features: { source: kind, width: result.featureWidth, ...features },
    exportedTrial,
    trials: result.trials.map((trial, index) => {
      const outcome = trials[index]!
      return {
        target: trial.target,
        targetClass: classNames[trial.targetClass]!,
        poisonClass: classNames[trial.poisonClass]!,
        bases: [...trial.bases],
        success: outcome.success,
        duplicateSuccess: outcome.duplicateSuccess,
        replacedSuccess: outcome.replacedSuccess,
        linf: Math.max(...outcome.sizes.map(({ linf }) => linf)),
        l2: Math.max(...outcome.sizes.map(({ l2 }) => l2)),
        featureDistance: outcome.featureDistance,
        pixelDistance: outcome.pixelDistance,
        becameTarget: outcome.becameTarget
      }
    })
  }
}

/** What the numbers mean, in sentences: why an attack failed, and what a success is worth. */
export function cleanLabelAdvice(metrics: CleanLabelMetrics): string[] {
  const { bound, becameTarget, targets, netSuccesses, features } = metrics
  const advice: string[] = []
  if (becameTarget > 0) {
    advice.push(
      `For ${becameTarget} of ${targets} targets a "clean" poison has merely become the target: its pixels are nearer to the target's image than to its own base, so its label is no longer true. Take a smaller --epsilon.`
    )
  } else if (bound.linf === null && bound.l2 === null) {
    advice.push(
      'Nothing bounds the perturbation: look at the strips, whether the poisons still show what their labels say. --epsilon bounds it.'
    )
  }
  if (netSuccesses < targets / 10) advice.push(whyNot(metrics))
  if (metrics.duplicate.successes > 0) {
    advice.push(
      `An unperturbed duplicate of the base does the same for ${metrics.duplicate.successes} targets: the net rate leaves these out.`
    )
  }
  if (metrics.perturbation.linf.max > BENCHMARK_LINF + 1e-6) {
    advice.push(
      `poisoning-benchmark's evaluator refuses perturbations above 9/255 in Linf; these reach ${Math.round(255 * metrics.perturbation.linf.max)}/255. For it take --epsilon 0.0314 (8/255).`
    )
  }
  if (features['source'] === 'imported') {
    const explained = Number(features['validationExplained'])
    advice.push(
      `The features were imported: poisons go through a student network that explains ${Math.round(100 * explained)} % of their variance on the validation data. Compute the features of the exported poisons with your own network before believing the rates.`
    )
  }
  return advice
}

function whyNot({ poisonsFitted, featureDistance, netSuccesses, targets }: CleanLabelMetrics): string {
  const most = `Only ${netSuccesses} of ${targets} targets were hit`
  if (poisonsFitted < 0.95) {
    return `${most}: victims fit ${Math.round(100 * poisonsFitted)} % of their poisons, and one that does not fit a poison is not moved by it. Take a smaller --l2.`
  }
  if (featureDistance.after > 0.1) {
    return `${most}: the poisons stay far from their targets in feature space (${featureDistance.after.toFixed(2)} of the distance between training examples). Take a larger --epsilon or more --upper-steps.`
  }
  return `${most}, though the poisons came near their targets: other training examples hold these in place. Take more poisons (--count).`
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length
}

function spread(values: readonly number[]): { mean: number; max: number } {
  return { mean: mean(values), max: values.reduce((most, value) => Math.max(most, value), 0) }
}
