import path from 'node:path'
import type { Damage, PoisoningMetrics } from '../../../shared/domain/poisoning-metrics'
import { percent } from '../../../shared/words/numbers'

type Rates = Damage['testAccuracy']

/** What an attack by added points did, as a person reads it in a terminal. */
export function poisoningLines(metrics: PoisoningMetrics, outputDir: string): string[] {
  const shown: Damage = metrics.testAccuracy.poisoned === null ? metrics.validation : metrics
  const lines = [
    `${metrics.count} poisons, ${percent(metrics.share)} of the training data; victims retrained from scratch on the files`,
    `${'measured on the'.padEnd(34)} ${shown.on} examples`,
    '',
    header(''),
    ...damageLines(shown)
  ]
  for (const transfer of metrics.transfer) {
    lines.push('', header(`The same files, ${transfer.model}`), ...damageLines(transfer))
  }
  if (metrics.budgetCurve) {
    const name = metrics.attack === 'untargeted' ? 'testAccuracy' : 'successRate'
    lines.push('', header('Poisons'))
    for (const point of metrics.budgetCurve) lines.push(row(String(point.count), point[name]))
  }
  const { meanL2, meanLinf } = metrics.perturbation
  lines.push(
    '',
    `Mean change of a poison: L2 ${meanL2.toFixed(2)}, Linf ${meanLinf.toFixed(2)} (pixels in 0..1)`
  )
  if (metrics.defence) {
    const { caught, poisons, cleanFlagged, cleanShare, auroc, victimAfter } = metrics.defence
    lines.push(
      `Denoising caught ${caught} of ${poisons} poisons (AUROC ${auroc.toFixed(3)}) and took ${cleanFlagged} clean examples along (${percent(cleanShare)}).`
    )
    const { testAccuracy, successRate } = victimAfter
    if (testAccuracy.poisoned !== null) {
      const success = successRate?.poisoned
      lines.push(
        `A victim trained on the rest: accuracy ${percent(testAccuracy.poisoned)}${success == null ? '' : `, misread ${percent(success)}`}`
      )
    }
  }
  lines.push('', `Poisoned dataset ${path.join(outputDir, 'poisoned')}`)
  lines.push(`To undo it       bilevel datasets export ${path.join(outputDir, 'poisoned')} --without-poisons`)
  return lines
}

function damageLines({ testAccuracy, successRate, otherAccuracy, intervals }: Damage): string[] {
  const lines = [row('accuracy', testAccuracy)]
  if (successRate) lines.push(row('misread as wanted', successRate))
  if (otherAccuracy) lines.push(row('accuracy of other classes', otherAccuracy))
  const interval = intervals[successRate ? 'successRate' : 'testAccuracy']?.poisoned
  if (interval) {
    lines.push(
      `  95 % interval, poisoned          ${percent(interval.low).padStart(7)} to ${percent(interval.high)}, ${interval.seeds.length} victims`
    )
  }
  return lines
}

function header(name: string): string {
  return `${name.padEnd(34)}    clean  label flips   poisoned`
}

function row(name: string, rates: Rates | undefined): string {
  const { clean = null, labelFlip = null, poisoned = null } = rates ?? {}
  const cell = (value: number | null, width: number): string => percent(value).padStart(width)
  return `  ${name.padEnd(32)} ${cell(clean, 8)} ${cell(labelFlip, 12)} ${cell(poisoned, 10)}`
}
