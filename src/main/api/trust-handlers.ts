import { implement } from '@orpc/server'
import { trust } from '../../shared/contract/datasets'
import type { DatasetMeta } from '../../shared/domain/dataset'
import type { DecisionNews } from '../../shared/domain/decision'
import type { TrustNews, TrustedMark } from '../../shared/domain/trusted-set'
import { checkMarks, damagedMarks, lastingReference, resolveReference, trustedReference } from '../datasets'
import type { TrustStore } from '../runs'
import { requireAllowedReference } from './allowed-spec'
import type { ReferenceContext } from './allowed-spec'
import { decisionStream } from './decision-stream'
import { likelyClasses } from './likely-classes'
import { readerOf } from './readers'
import type { Watched } from './readers'

export type TrustContext = ReferenceContext & Watched

const os = implement(trust).$context<TrustContext>()

/** Marks in an answer. */
const PAGE = 5000

export const trustProcedures = os.router({
  get: os.get.handler(async ({ context, input: { dataset, from = 0, most = PAGE, ...who } }) => {
    const { meta, log } = trusted(context, dataset)
    const { decisions, next } = log.page(meta.id, from, most)
    return {
      ...(await factsOf(context, meta)),
      marks: decisions.map(({ row, label, by, at }) => ({ row, label: label!, by, at })),
      next,
      corrected: countCorrected(context, meta),
      revision: log.revision(meta.id),
      ...log.turns(meta.id, readerOf(context.connection, who)),
      warning: damagedMarks(context.datasets.folderOf(meta.id))
    }
  }),
  watch: os.watch.handler(async function* ({ context, input: { dataset, ...who }, signal }) {
    const { meta, log } = trusted(context, dataset)
    for await (const news of decisionStream(context, log, meta.id, who, signal)) {
      yield { ...news, ...(await factsOf(context, context.datasets.get(meta.id))) }
    }
  }),
  likely: os.likely.handler(async ({ context, input: { dataset, row, most = 9 } }) => {
    const selection = context.datasets.open(dataset)
    try {
      return row < selection.count ? await likelyClasses(selection, row, most) : []
    } finally {
      selection.close()
    }
  }),
  mark: os.mark.handler(({ context, input: { dataset, marks, revision, ...who } }) => {
    const { meta, log } = trusted(context, dataset)
    checkMarks(meta, marks)
    const changes = marks.map(({ row, label }) => ({ row, decision: { action: 'relabel' as const, label } }))
    const reader = readerOf(context.connection, who)
    return newsOf(context, meta, log.decide(meta.id, changes, summaryOf(meta, marks), reader, revision))
  }),
  unmark: os.unmark.handler(({ context, input: { dataset, rows, revision, ...who } }) => {
    const { meta, log } = trusted(context, dataset)
    const changes = rows.map((row) => ({ row, decision: null }))
    const summary = `trust ${rows.length === 1 ? `example ${rows[0]}` : `${rows.length} examples`} no longer`
    const reader = readerOf(context.connection, who)
    return newsOf(context, meta, log.decide(meta.id, changes, summary, reader, revision))
  }),
  undo: os.undo.handler(({ context, input: { dataset, leaveOthers, ...who } }) => {
    const { meta, log } = trusted(context, dataset)
    return newsOf(context, meta, log.undo(meta.id, readerOf(context.connection, who), leaveOthers))
  }),
  redo: os.redo.handler(({ context, input: { dataset, leaveOthers, ...who } }) => {
    const { meta, log } = trusted(context, dataset)
    return newsOf(context, meta, log.redo(meta.id, readerOf(context.connection, who), leaveOthers))
  }),
  useReference: os.useReference.handler(async ({ context, input: { dataset, reference, ...who } }) => {
    const { datasets, workspace } = context
    const { meta, log } = trusted(context, dataset)
    if (reference !== null) {
      requireAllowedReference(context, reference)
      // Refuse now what a run would refuse later.
      const selection = await resolveReference(datasets, reference)
      selection.close()
    }
    workspace.trust.setReference(meta.id, reference === null ? null : lastingReference(datasets, reference))
    const turns = log.turns(meta.id, readerOf(context.connection, who))
    return newsOf(context, meta, { revision: log.revision(meta.id), touched: [], decisions: [], ...turns })
  })
})

/** A dataset by name or id, and where what is trusted of it is written. @throws Failure not-found */
function trusted(
  { datasets, workspace }: TrustContext,
  dataset: string
): { meta: DatasetMeta; log: TrustStore['log'] } {
  return { meta: datasets.get(dataset), log: workspace.trust.log }
}

async function newsOf(context: TrustContext, meta: DatasetMeta, news: DecisionNews): Promise<TrustNews> {
  return { ...news, ...(await factsOf(context, meta)) }
}

/** What is trusted, counted by classes. */
async function factsOf(
  context: TrustContext,
  meta: DatasetMeta
): Promise<Pick<TrustNews, 'dataset' | 'reference' | 'classCounts'>> {
  const reference = trustedReference(context.datasets, meta.id)
  const classCounts = meta.classNames.map(() => 0)
  if (reference === null) {
    const counts = context.workspace.trust.log.countByLabel(meta.id)
    for (const [label, count] of counts) classCounts[label] = count
  } else {
    for (const label of await labelsIn(context, meta, reference)) classCounts[label]!++
  }
  return { dataset: meta.id, reference, classCounts }
}

/** Labels of another reference, as classes of this dataset. */
async function labelsIn({ datasets }: TrustContext, meta: DatasetMeta, reference: string): Promise<number[]> {
  const selection = await resolveReference(datasets, reference)
  try {
    const here = selection.classNames.map((name) => meta.classNames.indexOf(name))
    return Array.from(selection.labels, (label) => here[label]!).filter((label) => label >= 0)
  } finally {
    selection.close()
  }
}

/** Counted last, by dataset: pages of one list are asked for one after the other. */
const countedLast = new WeakMap<TrustStore, Map<string, { revision: number; corrected: number }>>()

function countCorrected({ datasets, workspace: { trust } }: TrustContext, { id }: DatasetMeta): number {
  const revision = trust.log.revision(id)
  if (revision === 0) return 0
  const counted = countedLast.get(trust) ?? new Map<string, { revision: number; corrected: number }>()
  countedLast.set(trust, counted)
  const last = counted.get(id)
  if (last?.revision === revision) return last.corrected
  const selection = datasets.openAsGiven(id)
  try {
    const { givenLabels: given } = selection
    let corrected = 0
    for (const { label, rows } of trust.log.rowsByLabel(id))
      for (const row of rows) if (given[row] !== label) corrected++
    counted.set(id, { revision, corrected })
    return corrected
  } finally {
    selection.close()
  }
}

/** What undo is said to take back. */
function summaryOf(meta: DatasetMeta, marks: readonly TrustedMark[]): string {
  const [only] = marks
  return only && marks.length === 1
    ? `trust example ${only.row} as ${meta.classNames[only.label]}`
    : `trust ${marks.length} examples`
}
