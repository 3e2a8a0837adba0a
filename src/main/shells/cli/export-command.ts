import type { Command } from 'commander'
import { datasetFormat, DATASET_FORMATS } from '../../../shared/domain/dataset'
import { badInput } from '../../../shared/domain/failure'
import type * as DatasetRoom from '../../datasets'
import { withAskedWorkspace } from './asked-workspace'
import { addCommonOptions, print, printJson, requireEmptyOutput } from './common-options'
import type { CommonOptions } from './common-options'
import type { Finish } from './exit-codes'
import { openStore } from './open-store'
import { tellWarnings } from './source-flags'
import { watched } from './watched'

interface ExportFlags extends CommonOptions {
  readonly format?: string
  readonly out?: string
  readonly withoutPoisons?: boolean
  readonly where?: string
}

/** A copy of examples in any format, with what people decided applied. */
export function addExportCommand(datasets: Command, finish: Finish): void {
  addCommonOptions(
    datasets.command('export').argument('<ref>').description('write examples in another format')
  )
    .option('--format <format>', `one of ${DATASET_FORMATS.join(', ')} (default: that of the source)`)
    .option('--out <dir>', 'a new or empty folder (required)')
    .option('--without-poisons', 'leave out the rows that the manifest of a poisoned set names')
    .option('--where <question>', 'only those that it asks for, as of "datasets find"')
    .addHelpText(
      'after',
      '\nExamples:\n  bilevel datasets export "mnist#train[0:1000]" --format images --out pictures\n  bilevel datasets export attack/poisoned --without-poisons --out clean\n  bilevel datasets export photos --where "not problem = blurry" --out sharp'
    )
    .action(async (ref: string, options: ExportFlags) => {
      const { store, resolveReference, referenceWarnings, sourceFormat } = await openStore(options)
      const wanted = options.format === undefined ? undefined : datasetFormat.safeParse(options.format)
      if (wanted && !wanted.success) {
        throw badInput(
          `--format ${options.format} is not known.`,
          `Take one of ${DATASET_FORMATS.join(', ')}.`
        )
      }
      const out = requireEmptyOutput(options.out)
      const selection = await resolveReference(store, ref)
      try {
        const warnings = referenceWarnings(selection)
        tellWarnings(warnings)
        const format = wanted?.data ?? sourceFormat(selection)
        const { exportCopy } = await import('../../api')
        const asked =
          options.where === undefined ? undefined : await askedRows(options, selection, options.where)
        const { result, corrected, excluded } = await watched(options, (watch) =>
          exportCopy(selection, {
            format,
            out,
            watch,
            withoutPoisons: options.withoutPoisons ?? false,
            asked,
            decisions: store.decisions
          })
        )
        if (options.json) printJson({ ...result, order: undefined, corrected, excluded, warnings })
        else {
          const done = [
            ...(corrected > 0 ? [`${corrected} labels corrected`] : []),
            ...(excluded > 0 ? [`${excluded} examples left out`] : [])
          ]
          const words = done.length > 0 ? `, ${done.join(', ')} (see manifest.json)` : ''
          print(`${result.count} examples as ${format} in ${result.out}${words}`)
        }
        finish(0)
      } finally {
        selection.close()
      }
    })
}

/** @throws Failure bad-input where there are none, so that nothing empty is written */
async function askedRows(
  options: CommonOptions,
  selection: DatasetRoom.ExampleSelection,
  where: string
): Promise<{ where: string; rows: ReadonlySet<number> }> {
  const { findAmong, nothingAsked } = await import('../../api/find-rows')
  const rows = await withAskedWorkspace(options, (context) => findAmong(context, selection, where))
  if (rows.length === 0) throw nothingAsked(where)
  return { where, rows: new Set(rows) }
}
