import type { Command } from 'commander'
import { findingFacts } from '../../../shared/domain/finding'
import type { CountEstimate, Health } from '../../../shared/domain/health'
import { count, percent } from '../../../shared/words/numbers'
import { withAskedWorkspace } from './asked-workspace'
import { addCommonOptions, print, printJson } from './common-options'
import type { CommonOptions } from './common-options'
import type { Finish } from './exit-codes'
import { table } from './table'

/** What can be said of a dataset of the workspace as a whole. */
export function addHealthCommand(datasets: Command, finish: Finish): void {
  addCommonOptions(
    datasets
      .command('health')
      .argument('<name>')
      .description('wrong labels by class and pair with intervals, duplicates, leakage, imbalance')
  )
    .addHelpText('after', '\nExample:\n  bilevel datasets check photos && bilevel datasets health photos')
    .action(async (name: string, options: CommonOptions) => {
      const { datasetHealth } = await import('../../api/dataset-health')
      const found = await withAskedWorkspace(options, (asked) => datasetHealth(asked, name))
      if (options.json) printJson(found)
      else print(described(found))
      finish(0)
    })
}

function described({ name, examples, classes, imbalance, run, findings, decided }: Health): string {
  const lines = [`${name}: ${count(examples)} examples, ${count(classes.length)} classes`]
  if (imbalance !== null)
    lines.push(`  the largest class has ${imbalance.toFixed(1)} times the examples of the smallest`)
  if (!run) lines.push('  wrong labels: not known, no run has looked for them ("bilevel denoise")')
  else if (run.wrong) lines.push(`  wrong labels: ${interval(run.wrong)} of ${count(run.seen)} (${run.id})`)
  else lines.push(`  flagged: ${count(run.flagged)} of ${count(run.seen)} (${run.id} gives no probabilities)`)
  if (findings === null) lines.push('  duplicates and the like: not known ("bilevel datasets check")')
  for (const { kind, examples: many } of findings ?? [])
    if (many > 0) lines.push(`  ${findingFacts(kind).title.toLowerCase()}: ${count(many)}`)
  const { trusted, corrected, leftOut } = decided
  lines.push(`  ${count(trusted)} trusted, ${count(corrected)} corrected, ${count(leftOut)} left out`, '')
  const head = ['class', 'examples', ...(run ? ['flagged'] : []), ...(run?.wrong ? ['wrong (90 %)'] : [])]
  const rows = classes.map((of) => [
    of.name,
    count(of.examples),
    ...(run ? [of.seen > 0 ? percent(of.flagged / of.seen) : ''] : []),
    ...(run?.wrong ? [of.wrong ? interval(of.wrong) : ''] : [])
  ])
  lines.push(table(head, rows))
  return lines.join('\n')
}

function interval({ expected, low, high }: CountEstimate): string {
  return `about ${count(Math.round(expected))} (${count(low)} to ${count(high)})`
}
