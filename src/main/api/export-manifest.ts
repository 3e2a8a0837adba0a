import type { ExportManifest, UndecidedPolicy } from '../../shared/contract'
import type { ReadingOptions } from '../../shared/domain/reading-options'
import { rangesOf } from '../../shared/domain/row-ranges'
import type { ExampleSelection, ExportResult, FileSum } from '../datasets'
import type { ExportPlan, RowChange } from './export-plan'

/** manifest.json: what the window is told, and each change with who made it, when, and its reasons. */
export interface FullManifest extends ExportManifest {
  readonly undecided: UndecidedPolicy | null
  /** The question that only some examples were written for, and how many were not. */
  readonly where?: string
  readonly unasked?: number
  /** The parts of datasets that the source is, one after the other. */
  readonly sources: readonly {
    readonly dataset: string
    readonly name: string
    readonly from: number
    readonly to: number
  }[]
  /** The row of the source for each example, in the order in which this copy is read: "0-4,7,9-100". */
  readonly rows: string
  /** How this copy is to be read. */
  readonly readAs: ReadingOptions
  readonly note: string
  readonly changes: readonly (RowChange & { readonly writtenAs?: number })[]
}

const NOTE =
  'Rows count from 0 in the source; rows are those of the examples of this copy, one after the other; writtenAs is the place in this copy. To undo a change, give the example its "given" label again, or take the dropped row from the source.'

export function manifestOf(of: {
  readonly selection: ExampleSelection
  readonly run: string | null
  readonly plan: ExportPlan
  /** Null for a dataset, of which nothing is flagged. */
  readonly policy: UndecidedPolicy | null
  /** The question that only some examples are written for. */
  readonly where: string | null
  readonly result: ExportResult
  readonly files: readonly FileSum[]
}): FullManifest {
  const { selection, run, plan, policy, where, result, files } = of
  const places = new Map(Array.from(result.order, (row, place) => [row, place]))
  const { kept, dropped, relabelled, corrected, unasked } = plan
  return {
    schema: 1,
    createdAt: new Date().toISOString(),
    source: selection.reference,
    run,
    format: result.format,
    examples: result.count,
    kept,
    dropped,
    relabelled,
    corrected,
    undecided: policy,
    ...(where === null ? {} : { where, unasked }),
    sources: selection.ranges.map(({ meta, from, to }) => ({ dataset: meta.id, name: meta.name, from, to })),
    rows: rangesOf(result.order),
    readAs: { ...result.readAs, format: result.format },
    note: NOTE,
    changes: plan.changes.map((change) => {
      const writtenAs = places.get(change.row)
      return writtenAs === undefined ? change : { ...change, writtenAs }
    }),
    files: [...files]
  }
}

/** The manifest without the single changes, which may be tens of thousands. */
export function withoutChanges(manifest: FullManifest): ExportManifest {
  const { schema, createdAt, source, run, format, examples } = manifest
  const { kept, dropped, relabelled, corrected, files } = manifest
  return { schema, createdAt, source, run, format, examples, kept, dropped, relabelled, corrected, files }
}
