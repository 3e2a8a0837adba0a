import type { DatasetMeta } from '../../shared/domain/dataset'
import { Failure } from '../../shared/domain/failure'
import type {
  ChangeKind,
  DatasetVersion,
  VersionChange,
  VersionComparison
} from '../../shared/domain/version'
import { parentRowsOf, versionRecordOf } from '../datasets'
import type { VersionDecision } from '../datasets'
import { labelHealth } from './dataset-health'
import type { ResultsContext } from './run-results'
import { runOnDataset } from './run-on-dataset'
import type { RunOnDataset } from './run-on-dataset'

/** Versions at most that a dataset is made of, one after the other: meta.json may be edited to name a circle. */
const LONGEST_LINE = 1000

/** The dataset, what it was made from, and so on back to the first that is still there. */
function lineOf({ datasets }: ResultsContext, meta: DatasetMeta): DatasetMeta[] {
  const line = [meta]
  while (line.length < LONGEST_LINE) {
    const of = line.at(-1)!.version?.of
    const parent = of === undefined ? undefined : datasets.byId(of)
    if (!parent || isIn(line, parent)) break
    line.push(parent)
  }
  return line
}

function isIn(line: readonly DatasetMeta[], { id }: DatasetMeta): boolean {
  return line.some((meta) => meta.id === id)
}

/** The versions that a dataset is one of, the first one first; only itself where there are no others. @throws Failure */
export async function datasetVersions(context: ResultsContext, dataset: string): Promise<DatasetVersion[]> {
  const first = lineOf(context, context.datasets.get(dataset)).at(-1)!
  const all = context.datasets
    .list()
    .filter((meta) => lineOf(context, meta).at(-1)?.id === first.id)
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
  const versions: DatasetVersion[] = []
  for (const meta of all) {
    const [, parent] = lineOf(context, meta)
    const { id, name, createdAt, count } = meta
    versions.push({
      id,
      name,
      createdAt,
      examples: count,
      of: parent?.id ?? null,
      changed: parent ? changedSince(context, parent, meta) : null,
      run: await labelHealth(context, meta)
    })
  }
  return versions
}

/** How many examples differ; null where that cannot be read. */
function changedSince(
  context: ResultsContext,
  before: DatasetMeta,
  after: DatasetMeta
): DatasetVersion['changed'] {
  try {
    const { kept, relabelled, removed, added } = countsOf(pairsOf(context, before, after))
    return { kept, relabelled, removed, added }
  } catch {
    // The files of one of them are gone or damaged: its page says so.
    return null
  }
}

/** An example in either version; null where it is not. */
interface Pair {
  readonly row: number | null
  readonly now: number | null
  readonly given: string | null
  readonly label: string | null
}

/**
 * Examples of two versions side by side, by the rows of the version that both come from: those of `before` in their order,
 * then those that are new.
 * @throws Failure bad-input where they are no versions of one dataset
 */
function pairsOf(context: ResultsContext, before: DatasetMeta, after: DatasetMeta): Pair[] {
  const [lineBefore, lineAfter] = [lineOf(context, before), lineOf(context, after)]
  const common = lineBefore.find((meta) => isIn(lineAfter, meta))
  if (!common)
    throw new Failure(
      'bad-input',
      `"${before.name}" and "${after.name}" are no versions of one dataset.`,
      'Compare a dataset with one that was imported as a version of it.'
    )
  const rowsBefore = rowsIn(context, lineBefore, common)
  const rowsAfter = rowsIn(context, lineAfter, common)
  const labelBefore = labelsOf(context, before)
  const labelAfter = labelsOf(context, after)
  const places = new Map(rowsAfter.flatMap((row, now) => (row < 0 ? [] : [[row, now] as const])))
  const met = new Set<number>()
  const outside = unexported(context, lineAfter, before)
  const pairs = rowsBefore.flatMap((origin, row): Pair[] => {
    const now = origin < 0 ? undefined : places.get(origin)
    if (now === undefined && outside.has(row)) return []
    if (now !== undefined) met.add(now)
    const given = labelBefore(row)
    return [{ row, now: now ?? null, given, label: now === undefined ? null : labelAfter(now) }]
  })
  rowsAfter.forEach((_, now) => {
    if (!met.has(now)) pairs.push({ row: null, now, given: null, label: labelAfter(now) })
  })
  return pairs
}

/** The row in an earlier version of each row of the newest of a line; -1 where it came from elsewhere. */
function rowsIn({ datasets }: ResultsContext, line: readonly DatasetMeta[], earlier: DatasetMeta): number[] {
  let rows = Array.from({ length: line[0]!.count }, (_, row) => row)
  for (const meta of line.slice(0, placeIn(line, earlier))) {
    const parents = parentRowsOf(datasets.folderOf(meta.id))
    rows = rows.map((row) => (row < 0 ? -1 : (parents[row] ?? -1)))
  }
  return rows
}

function placeIn(line: readonly DatasetMeta[], { id }: DatasetMeta): number {
  return line.findIndex((meta) => meta.id === id)
}

/** Rows of an earlier version that were not exported on the way to the newest of a line: nobody removed them. */
function unexported(
  context: ResultsContext,
  line: readonly DatasetMeta[],
  earlier: DatasetMeta
): Set<number> {
  const found = new Set<number>()
  const at = placeIn(line, earlier)
  for (let i = at - 1; i >= 0; i--) {
    const { exported } = versionRecordOf(context.datasets.folderOf(line[i]!.id))
    const rows = rowsIn(context, line.slice(i + 1, at + 1), earlier)
    rows.forEach((row, parentRow) => {
      if (!exported.some(({ from, to }) => parentRow >= from && parentRow < to)) found.add(row)
    })
  }
  return found
}

function labelsOf({ datasets }: ResultsContext, { id, classNames }: DatasetMeta): (row: number) => string {
  const selection = datasets.openAsGiven(id)
  const { givenLabels } = selection
  selection.close()
  return (row) => classNames[givenLabels[row]!] ?? ''
}

type Kind = VersionChange['change']

function kindOf({ row, now, given, label }: Pair): Kind {
  if (row === null) return 'added'
  if (now === null) return 'removed'
  return given === label ? 'kept' : 'relabelled'
}

function countsOf(pairs: readonly Pair[]): Record<Kind, number> {
  const counts = { kept: 0, relabelled: 0, removed: 0, added: 0 }
  for (const pair of pairs) counts[kindOf(pair)]++
  return counts
}

/** Two versions, decision by decision. @throws Failure not-found, bad-input */
export async function compareVersions(
  context: ResultsContext,
  dataset: string,
  wanted: string | undefined,
  page: { readonly kind?: ChangeKind; readonly from?: number; readonly most?: number }
): Promise<VersionComparison> {
  const { kind = 'all', from = 0, most = 200 } = page
  const after = context.datasets.get(dataset)
  const before = wanted === undefined ? lineOf(context, after)[1] : context.datasets.get(wanted)
  if (!before)
    throw new Failure(
      'not-found',
      `"${after.name}" is no version of another dataset, or that is gone.`,
      'Name the version to compare it with.'
    )
  const pairs = pairsOf(context, before, after)
  const run = await labelHealth(context, after)
  const results = run ? await runOnDataset(context, run.id, after.id) : undefined
  const changes = changesOf(context, { before, after, pairs, results })
  const meant = changes.filter(
    ({ change, later }) => kind === 'all' || (kind === 'doubted' ? later?.flagged === true : change === kind)
  )
  const describe = ({ id, name, count }: DatasetMeta): VersionComparison['before'] => ({
    id,
    name,
    examples: count
  })
  return {
    before: describe(before),
    after: describe(after),
    counts: {
      ...countsOf(pairs),
      decidedKept: changes.filter(({ change, by }) => change === 'kept' && by !== null).length,
      doubted: results?.flagged.length ?? 0
    },
    run: run && { id: run.id, name: run.name },
    changes: meant.slice(from, from + most),
    total: meant.length
  }
}

interface Compared {
  readonly before: DatasetMeta
  readonly after: DatasetMeta
  readonly pairs: readonly Pair[]
  /** The newest run on the later version. */
  readonly results: RunOnDataset | undefined
}

/** What changed, what somebody decided to keep, and what is doubted now. */
function changesOf(context: ResultsContext, { before, after, pairs, results }: Compared): VersionChange[] {
  const decided = decisionsBetween(context, before, after)
  const flagged = new Set(results?.flagged)
  const reviewed = new Map(results?.decided.map(({ row, action }) => [row, action]))
  const filesBefore = filesOf(context, before)
  const filesAfter = filesOf(context, after)
  return pairs.flatMap((pair): VersionChange[] => {
    const { row, now } = pair
    const change = kindOf(pair)
    const decision = row === null ? undefined : decided.get(row)
    if (change === 'kept' && !decision && !flagged.has(now ?? -1)) return []
    return [
      {
        ...pair,
        change,
        file: (row === null ? filesAfter?.[now ?? -1] : filesBefore?.[row]) ?? null,
        ...authorOf(decision),
        later: results && now !== null ? laterOf(results, after, now, flagged, reviewed) : null
      }
    ]
  })
}

function authorOf(decision: VersionDecision | undefined): Pick<VersionChange, 'by' | 'at' | 'decidedBy'> {
  if (!decision) return { by: null, at: null, decidedBy: null }
  const { by, at, decidedBy } = decision
  return { by, at, decidedBy }
}

function laterOf(
  { suggested }: RunOnDataset,
  { classNames }: DatasetMeta,
  now: number,
  flagged: ReadonlySet<number>,
  reviewed: ReadonlyMap<number, 'keep' | 'drop' | 'relabel'>
): VersionChange['later'] {
  return {
    flagged: flagged.has(now),
    suggested: classNames[suggested[now] ?? -1] ?? null,
    decision: reviewed.get(now) ?? null
  }
}

/** The decisions that led from one version to another, by rows of the earlier; of several on a row the last. */
function decisionsBetween(
  context: ResultsContext,
  before: DatasetMeta,
  after: DatasetMeta
): ReadonlyMap<number, VersionDecision> {
  const line = lineOf(context, after)
  const at = placeIn(line, before)
  const found = new Map<number, VersionDecision>()
  if (at < 0) return found
  // From the earliest on, each in rows of what it was made from, which are those of `before` by one step more each.
  for (let i = at - 1; i >= 0; i--) {
    const parents = line.slice(i + 1, at + 1)
    const rows = rowsIn(context, parents, before)
    for (const decision of versionRecordOf(context.datasets.folderOf(line[i]!.id)).decisions) {
      const row = rows[decision.row] ?? -1
      if (row >= 0) found.set(row, decision)
    }
  }
  return found
}

function filesOf({ datasets }: ResultsContext, { id, hasFiles }: DatasetMeta): readonly string[] | undefined {
  if (!hasFiles) return undefined
  const selection = datasets.openAsGiven(id)
  try {
    return selection.files
  } finally {
    selection.close()
  }
}
