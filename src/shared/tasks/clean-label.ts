import type { CleanLabelMetrics } from '../domain/clean-label-metrics'
import { counted, percent } from '../words/numbers'

/** An attack with true labels in sentences: targets hit, what unchanged copies do, how small the change is. */
export function cleanLabelVerdict(metrics: CleanLabelMetrics): string[] {
  const { successes, targets, netSuccesses, netInterval, poisonsPerTarget, perturbation, duplicate } = metrics
  const each = poisonsPerTarget === 1 ? 'one poison each' : `${poisonsPerTarget} poisons each`
  return [
    `${successes} of ${counted(targets, 'target')} are misread by a classifier retrained with ${each}.`,
    duplicate.successes > 0
      ? `Unchanged copies of the bases do the same for ${duplicate.successes}, which leaves ${netSuccesses} to the poisons (95 % interval of the net rate: ${percent(netInterval[0], 0)} to ${percent(netInterval[1], 0)}).`
      : successes === 0
        ? `Unchanged copies of the bases hit none either (95 % interval of the rate: ${percent(netInterval[0], 0)} to ${percent(netInterval[1], 0)}).`
        : `Unchanged copies of the bases do it for none, so all ${netSuccesses} are the poisons' own (95 % interval: ${percent(netInterval[0], 0)} to ${percent(netInterval[1], 0)}).`,
    `${metrics.becameTarget > 0 ? 'The labels of the poisons are those of their bases' : 'The labels of the poisons are true'}; their pixels changed by ${perturbation.linf.mean.toFixed(3)} at most (Linf, mean over poisons) and ${perturbation.l2.mean.toFixed(2)} in all (L2).`
  ]
}
