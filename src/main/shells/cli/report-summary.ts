import path from 'node:path'
import type { DenoisingMetrics } from '../../../shared/domain/denoising-metrics'
import type { Report } from '../../../shared/domain/report'
import { cleanLabelLines } from './clean-label-summary'
import { poisoningLines } from './poisoning-summary'
import { duration } from '../../../shared/words/numbers'
import { syntheticLines } from './synthetic-summary'

/** A report as a person reads it in a terminal. */
export function summariseReport(report: Report, outputDir: string): string {
  const lines = [
    `${title(report)} in ${duration(report.timing.seconds)} (${report.stopped === 'epochs' ? 'complete' : `ended: ${report.stopped}`}).`,
    ''
  ]
  if (report.task === 'denoising') lines.push(...denoisingLines(report.metrics))
  else if (report.task === 'poisoning')
    lines.push(
      ...('attack' in report.metrics
        ? poisoningLines(report.metrics, outputDir)
        : cleanLabelLines(report.metrics, outputDir))
    )
  else if (report.task === 'synthetic') lines.push(...syntheticLines(report.metrics, outputDir))
  else lines.push(JSON.stringify(report.metrics, null, 2))
  for (const sentence of report.advice) lines.push(`Note: ${sentence}`)
  if (report.task === 'denoising') lines.push(`Cleaned dataset  ${path.join(outputDir, 'cleaned')}`)
  if (report.task === 'denoising') lines.push(`Every label      ${path.join(outputDir, 'issues.csv')}`)
  lines.push(`Report           ${path.join(outputDir, 'report.json')}`)
  return lines.join('\n')
}

function title(report: Report): string {
  const { train } = report.data
  if (report.task === 'synthetic') return 'synthetic'
  return `${report.task}: ${report.method}, ${report.model}${typeof train === 'number' ? `, ${train} examples` : ''}`
}

function denoisingLines(metrics: DenoisingMetrics): string[] {
  const { testAccuracy, detection, recommendation } = metrics
  const rows: [string, number | null][] = [
    ['trusted examples only', testAccuracy.trustedOnly],
    ['everything as given', testAccuracy.noisy],
    ["the run's own classifier", testAccuracy.bilevel],
    ['retrained on the cleaned set', testAccuracy.cleaned]
  ]
  const lines: string[] = []
  if (rows.some(([, value]) => value !== null)) {
    lines.push('Test accuracy')
    for (const [name, value] of rows) {
      if (value !== null) lines.push(`  ${name.padEnd(30)} ${percent(value)}`)
    }
    lines.push('')
  }
  lines.push(`Labels believed wrong: ${metrics.flagged}; kept: ${metrics.kept}`)
  if (detection) {
    lines.push(`  of the wrong labels found      ${percent(detection.recall)}  (recall)`)
    lines.push(`  of those found truly wrong     ${percent(detection.precision)}  (precision)`)
    lines.push(`  F1 ${detection.f1.toFixed(3)}, AUROC ${detection.auroc.toFixed(4)}`)
  }
  if (metrics.poisons) {
    const { caught, poisons, cleanFlagged } = metrics.poisons
    lines.push(
      `Of the ${poisons} poisons that the manifest names: ${caught} caught; clean examples flagged: ${cleanFlagged}`
    )
  }
  lines.push('', `Take ${NAMES[recommendation.classifier]}. ${recommendation.reason}`)
  return lines
}

const NAMES: Record<DenoisingMetrics['recommendation']['classifier'], string> = {
  trustedOnly: 'the classifier of the trusted examples only',
  noisy: 'the classifier of everything as given',
  bilevel: "the run's own classifier",
  cleaned: 'the classifier retrained on the cleaned set'
}

export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1).padStart(5)} %`
}
