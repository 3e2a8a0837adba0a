import path from 'node:path'
import type { CleanLabelMetrics } from '../../../shared/domain/clean-label-metrics'
import { percent } from '../../../shared/words/numbers'

/** A clean-label attack as a person reads it in a terminal. */
export function cleanLabelLines(metrics: CleanLabelMetrics, outputDir: string): string[] {
  const { targets, perturbation, featureDistance, testAccuracy, poisonsPerTarget } = metrics
  const of = (hits: number): string =>
    `${String(hits).padStart(4)} of ${targets}  (${percent(hits / targets, 0)})`
  const [low, high] = metrics.netInterval
  const poisons = poisonsPerTarget === 1 ? '1 poison' : `${poisonsPerTarget} poisons`
  const lines = [
    `Targets misread after retraining on ${poisons} each (${percent(metrics.poisonShare, 2)} of the training data)`,
    `  poisoned                       ${of(metrics.successes)}`,
    `  unperturbed duplicates         ${of(metrics.duplicate.successes)}`,
    `  net of duplicates              ${of(metrics.netSuccesses)}, 95 % interval ${(100 * low).toFixed(0)} to ${(100 * high).toFixed(0)} %`,
    `  poisons in place of bases      ${of(metrics.replaced.successes)}`,
    `Change of a pixel at most        ${inLevels(perturbation.linf.max)} (mean of poisons ${inLevels(perturbation.linf.mean)})`,
    `L2 norm of a change              mean ${perturbation.l2.mean.toFixed(2)}, most ${perturbation.l2.max.toFixed(2)}`,
    `Feature distance to the target   ${featureDistance.before.toFixed(3)} -> ${featureDistance.after.toFixed(3)} (1: two training examples)`
  ]
  if (testAccuracy.clean !== null && testAccuracy.poisoned !== null) {
    lines.push(
      `Accuracy on other examples       ${percent(testAccuracy.clean)} clean, ${percent(testAccuracy.poisoned)} poisoned`
    )
  }
  for (const { victim, successes, duplicateSuccesses } of metrics.transfer ?? []) {
    lines.push(
      `Misread by ${victim}, trained anew`.padEnd(32) +
        ` ${of(successes)}; by duplicates ${duplicateSuccesses}`
    )
  }
  lines.push(
    '',
    `Poisons          ${path.join(outputDir, 'poisons.npz')}`,
    `POISONED set     ${path.join(outputDir, 'poisoned')} (${metrics.exportedTrial === null ? 'the poisons of all targets' : 'the poisons of one target'})`,
    `Pictures         ${path.join(outputDir, 'strips')} (base, poison, difference times 10, target)`,
    `Other tools      ${path.join(outputDir, 'benchmark')} (poisoning-benchmark's layout)`
  )
  return lines
}

function inLevels(value: number): string {
  return `${(255 * value).toFixed(Number.isInteger(Math.round(2550 * value) / 10) ? 0 : 1)}/255`
}
