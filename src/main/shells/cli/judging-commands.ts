import type { Command } from 'commander'
import { badInput, Failure } from '../../../shared/domain/failure'
import { ASKED, tellingExamples } from '../../../shared/domain/telling-examples'
import type { DenoisingSpec } from '../../../shared/domain/task-spec'
import { percent } from '../../../shared/words/numbers'
import type { RunResults } from '../../api/run-results'
import { withAskedWorkspace } from './asked-workspace'
import { addCommonOptions, print, printJson, requireEmptyOutput } from './common-options'
import type { CommonOptions } from './common-options'
import type { Finish } from './exit-codes'
import { readJudged } from './judged-file'
import { table } from './table'

/** The loop without the window: which labels to judge first, and the run again with what was judged. */
export function addJudgingCommands(runs: Command, finish: Finish): void {
  addCommonOptions(
    runs
      .command('ask')
      .argument('<id>')
      .description('the labels whose judgement would tell the next run most')
  )
    .option('--count <n>', 'how many', String(ASKED))
    .option('--to <file>', 'write them as a CSV file with an empty column "label" to fill in')
    .action(async (id: string, options: CommonOptions & { count: string; to?: string }) =>
      finish(await withAskedWorkspace(options, (results) => ask(results, id, options)))
    )
  addCommonOptions(
    runs
      .command('again')
      .argument('<id>')
      .description('a run again with what was decided on it, which is trusted then')
  )
    .option('--out <dir>', 'a new or empty folder for the results (required)')
    .option('--judged <file>', 'a CSV file with the columns "index" and "label", as "runs ask" writes it')
    .action(async (id: string, options: CommonOptions & { out?: string; judged?: string }) => {
      const out = requireEmptyOutput(options.out)
      const spec = await withAskedWorkspace(options, (results) => decidedSpec(results, id, options.judged))
      const { trainAndReport } = await import('./train-spec')
      finish(await trainAndReport(spec, out, options))
    })
}

async function ask(
  results: RunResults,
  id: string,
  { count, to, json }: CommonOptions & { count: string; to?: string }
): Promise<number> {
  const most = Number(count)
  if (!Number.isInteger(most) || most < 1)
    throw badInput(`--count is "${count}", which is no number of labels.`, 'Give a whole number, such as 20.')
  const { issueTable } = await import('../../api/issue-table')
  const { decidedRows } = await import('../../api/decided-rows')
  const issues = await issueTable(results, id)
  const decided = await decidedRows(results, id)
  const { classNames, given, predicted, combined, files } = issues
  const asked = tellingExamples(issues, most, (row) => decided.has(row)).map((row) => ({
    index: row,
    given_label: classNames[given[row]!]!,
    predicted_label: classNames[predicted[row]!]!,
    combined_score: combined[row]!,
    ...(files ? { file: files[row]! } : {})
  }))
  if (to !== undefined) {
    const { sheetLines } = await import('../../datasets')
    const { writeAtomically } = await import('../../files/write-atomically')
    const names = ['index', 'given_label', 'predicted_label', 'combined_score', ...(files ? ['file'] : [])]
    const lines = asked.map((one) => [...Object.values(one).map(String), ''])
    await writeAtomically(to, sheetLines([[...names, 'label'], ...lines]))
  }
  if (json) printJson(asked)
  else {
    const rows = asked.map(({ index, given_label, predicted_label, combined_score, file }) => [
      String(index),
      given_label,
      predicted_label,
      percent(combined_score, 0),
      ...(file === undefined ? [] : [file])
    ])
    print(table(['index', 'given', 'suggested', 'trust', ...(files ? ['file'] : [])], rows))
    if (to !== undefined)
      print(`\nFill in the column "label" of ${to}, then: bilevel runs again ${id} --judged ${to}`)
  }
  return 0
}

async function decidedSpec(
  results: RunResults,
  id: string,
  file: string | undefined
): Promise<DenoisingSpec> {
  const { continuation } = await import('../../api/continuation')
  const { classNames, count } = await results.selectionOf(id, 'train')
  const judged = file === undefined ? undefined : await readJudged(file, classNames, count)
  const spec = await continuation(results, id, judged)
  if (Object.keys(spec.corrections ?? {}).length + (spec.dropped?.length ?? 0) > 0) return spec
  throw new Failure(
    'conflict',
    `Nothing is decided on run ${id}.`,
    'Judge labels in its review, or in a file that "bilevel runs ask" writes, and name it with --judged.'
  )
}
