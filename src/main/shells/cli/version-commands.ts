import type { Command } from 'commander'
import { badInput } from '../../../shared/domain/failure'
import { CHANGE_KINDS } from '../../../shared/domain/version'
import type {
  ChangeKind,
  DatasetVersion,
  VersionChange,
  VersionComparison
} from '../../../shared/domain/version'
import { count, counted, percent } from '../../../shared/words/numbers'
import { withAskedWorkspace } from './asked-workspace'
import { addCommonOptions, print, printJson } from './common-options'
import type { CommonOptions } from './common-options'
import type { Finish } from './exit-codes'
import { table } from './table'

/** Changes that are printed; --json has all. */
const PRINTED = 50

interface CompareFlags extends CommonOptions {
  readonly with?: string
  readonly kind: string
}

/** The versions of a dataset, and what differs between two of them. */
export function addVersionCommands(datasets: Command, finish: Finish): void {
  addCommonOptions(
    datasets.command('versions').argument('<name>').description('its versions, with what runs say of each')
  )
    .addHelpText('after', '\nExample:\n  bilevel datasets import cleaned --version-of photos')
    .action(async (name: string, options: CommonOptions) => {
      const { datasetVersions } = await import('../../api/dataset-versions')
      const versions = await withAskedWorkspace(options, (context) => datasetVersions(context, name))
      if (options.json) printJson(versions)
      else print(listed(versions))
      finish(0)
    })
  addCommonOptions(
    datasets.command('compare').argument('<name>').description('two versions, decision by decision')
  )
    .option('--with <name>', 'the version to compare with (default: the one that it was made from)')
    .option('--kind <kind>', `which changes: ${CHANGE_KINDS.join(', ')}`, 'all')
    .action(async (name: string, options: CompareFlags) => {
      const kind = CHANGE_KINDS.find((known) => known === options.kind)
      if (!kind) throw badInput(`--kind is "${options.kind}".`, `Take ${CHANGE_KINDS.join(', ')}.`)
      const { compareVersions } = await import('../../api/dataset-versions')
      const found = await withAskedWorkspace(options, (context) =>
        compareVersions(context, name, options.with, { kind, most: options.json ? Infinity : PRINTED })
      )
      if (options.json) printJson(found)
      else print(described(found, kind))
      finish(0)
    })
}

function listed(versions: readonly DatasetVersion[]): string {
  return table(
    ['version', 'examples', 'relabelled', 'removed', 'wrong labels (90 %)', 'by the run'],
    versions.map(({ name, examples, changed, run }) => [
      name,
      count(examples),
      changed ? count(changed.relabelled) : '',
      changed ? count(changed.removed) : '',
      run ? wrongShare(run) : '',
      run?.name ?? ''
    ])
  )
}

function wrongShare({ wrong, seen, flagged }: NonNullable<DatasetVersion['run']>): string {
  if (!wrong) return `${percent(flagged / seen)} flagged`
  return `${percent(wrong.expected / seen)} (${percent(wrong.low / seen)} to ${percent(wrong.high / seen)})`
}

function described(found: VersionComparison, kind: ChangeKind): string {
  const { before, after, counts, run, changes, total } = found
  const lines = [
    `${after.name} (${count(after.examples)}) beside ${before.name} (${count(before.examples)})`,
    `  ${count(counts.kept)} with the same label (${count(counts.decidedKept)} so decided), ${count(counts.relabelled)} relabelled, ${count(counts.removed)} removed, ${count(counts.added)} added`,
    run ? `  ${counted(counts.doubted, 'label')} of ${after.name} flagged by ${run.name}` : ''
  ]
  const rows = changes.map((change) => [
    change.file ?? `row ${change.row ?? change.now}`,
    change.change,
    change.given ?? '',
    change.label ?? '',
    change.by ?? '',
    laterWords(change)
  ])
  if (rows.length > 0)
    lines.push('', table(['example', 'change', 'before', 'now', 'by', 'what a later run says'], rows))
  if (total > changes.length) lines.push(`and ${count(total - changes.length)} more (--json has all)`)
  if (rows.length === 0 && kind !== 'all') lines.push(`  none of that kind (${kind})`)
  return lines.filter((line, i) => line !== '' || i > 2).join('\n')
}

function laterWords({ later }: VersionChange): string {
  if (!later) return ''
  const flag = later.flagged
    ? `flagged${later.suggested ? `, looks like ${later.suggested}` : ''}`
    : 'not flagged'
  return later.decision ? `${flag}; then: ${later.decision}` : flag
}
