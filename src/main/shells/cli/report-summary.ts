import path from 'node:path'
import type { DenoisingMetrics } from '../../../shared/domain/denoising-metrics'
import type { Report } from '../../../shared/domain/report'
import { cleanLabelLines } from './clean-label-summary'
import { poisoningLines } from './poisoning-summary'
import { dataSentences, resultSentences, solverWords, TASKS } from '../../../shared/tasks'
import { counted, duration, percent } from '../../../shared/words/numbers'
import { syntheticLines } from './synthetic-summary'

/** Runs of one seed give the same numbers on one of these. */
const ENGINES = { native: 'native TensorFlow', wasm: 'WebAssembly' } as const

/** A report as a person reads it in a terminal. */
export function summariseReport(report: Report, outputDir: string): string {
  const { timing, stopped, advice, backend } = report
  const ending = stopped === 'epochs' ? 'complete' : `ended: ${stopped}`
  return [
    `${title(report)} in ${duration(timing.seconds)} (${ending}), ${ENGINES[backend.name]}.`,
    '',
    ...resultSentences(report),
    ...dataSentences(report),
    '',
    ...numbers(report, outputDir),
    ...files(report, outputDir),
    ...advice.map((sentence) => `Note: ${sentence}`),
    `Report           ${path.join(outputDir, 'report.json')}`
  ].join('\n')
}

function title({ spec, data, model }: Report): string {
  const { name, isRace } = TASKS[spec.task]
  const { train } = data
  if (isRace) return name
  return `${name}: ${solverWords(spec)}, ${model}${typeof train === 'number' ? `, ${counted(train, 'example')}` : ''}`
}

/** The files that a person wants next. */
function files({ task }: Report, outputDir: string): string[] {
  if (task === 'other-version') return []
  return TASKS[task].files.map(([title, entry]) => `${title.padEnd(16)} ${path.join(outputDir, entry)}`)
}

/** The numbers behind the sentences, of the tasks that have more than those say. */
function numbers(report: Report, outputDir: string): string[] {
  switch (report.task) {
    case 'denoising':
      return denoisingLines(report.metrics)
    case 'poisoning':
      return 'attack' in report.metrics
        ? poisoningLines(report.metrics, outputDir)
        : cleanLabelLines(report.metrics, outputDir)
    case 'synthetic':
      return syntheticLines(report.metrics)
    case 'other-version':
      return [JSON.stringify(report.metrics, null, 2)]
    default:
      return []
  }
}

function denoisingLines(metrics: DenoisingMetrics): string[] {
  const { testAccuracy, poisons, recommendation } = metrics
  // Where labels have probabilities, those rank and flag.
  const detection = (metrics.expected && metrics.evidence?.['combined']) ?? metrics.detection
  const rows: [string, number | null][] = [
    ['trusted examples only', testAccuracy.trustedOnly],
    ['everything as given', testAccuracy.noisy],
    ["the run's own classifier", testAccuracy.bilevel],
    ['retrained on the cleaned set', testAccuracy.cleaned]
  ]
  const measured = rows.flatMap(([name, value]) =>
    value === null ? [] : [`  ${name.padEnd(30)} ${percent(value).padStart(7)}`]
  )
  const lines = measured.length > 0 ? ['Test accuracy', ...measured, ''] : []
  if (detection) lines.push(`F1 ${detection.f1.toFixed(3)}, AUROC ${detection.auroc.toFixed(4)}`)
  if (poisons) {
    lines.push(
      `Of the ${poisons.poisons} poisons that the manifest names: ${poisons.caught} caught; clean examples flagged: ${poisons.cleanFlagged}`
    )
  }
  return [...lines, `Take ${NAMES[recommendation.classifier]}. ${recommendation.reason}`]
}

const NAMES: Record<DenoisingMetrics['recommendation']['classifier'], string> = {
  trustedOnly: 'the classifier of the trusted examples only',
  noisy: 'the classifier of everything as given',
  bilevel: "the run's own classifier",
  cleaned: 'the classifier retrained on the cleaned set'
}
