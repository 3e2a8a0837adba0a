import type { InferContractRouterInputs, InferContractRouterOutputs } from '@orpc/contract'
import type { trust } from '../../shared/contract/datasets'
import type { DatasetMeta } from '../../shared/domain/dataset'
import type { DecisionNews, DecisionStream } from '../../shared/domain/decision'
import type { TrustNews, TrustedMark } from '../../shared/domain/trusted-set'
import { checkMarks, damagedMarks, lastingReference, resolveReference, trustedReference } from '../datasets'
import type { TrustStore } from '../runs'
import { requireAllowedReference } from './allowed-spec'
import type { ReferenceContext } from './allowed-spec'
import { decisionStream } from './decision-stream'
import { readerOf } from './readers'
import type { Watched } from './readers'

type Inputs = InferContractRouterInputs<typeof trust>
type Outputs = InferContractRouterOutputs<typeof trust>
type TrustContext = ReferenceContext & Watched
type Handlers = { [K in keyof Omit<typeof trust, 'watch'>]: (input: Inputs[K]) => Promise<Outputs[K]> } & {
  watch(
    input: Inputs['watch'],
    signal?: AbortSignal
  ): AsyncGenerator<TrustNews & Pick<DecisionStream, 'isAll'>>
}

/** Marks in an answer. */
const PAGE = 5000

/** The procedures of the contract's `trust`. */
export function trustHandlers(context: TrustContext): Handlers {
  const { datasets, workspace, connection } = context
  const { log } = workspace.trust
  const turn =
    (side: 'undo' | 'redo') =>
    async ({ dataset, reader, leaveOthers }: Inputs['undo']): Promise<TrustNews> => {
      const meta = datasets.get(dataset)
      return newsOf(context, meta, log[side](meta.id, readerOf(connection, reader), leaveOthers))
    }
  return {
    get: async ({ dataset, from = 0, most = PAGE, reader }) => {
      const meta = datasets.get(dataset)
      const { decisions, next } = log.page(meta.id, from, most)
      return {
        ...(await factsOf(context, meta)),
        marks: decisions.map(({ row, label, by, at }) => ({ row, label: label!, by, at })),
        next,
        corrected: countCorrected(context, meta),
        revision: log.revision(meta.id),
        ...log.turns(meta.id, readerOf(connection, reader)),
        warning: damagedMarks(datasets.folderOf(meta.id))
      }
    },
    watch: async function* ({ dataset, reader }, signal) {
      const meta = datasets.get(dataset)
      for await (const news of decisionStream(context, log, meta.id, reader, signal)) {
        yield { ...news, ...(await factsOf(context, datasets.get(meta.id))) }
      }
    },
    mark: async ({ dataset, marks, reader, revision }) => {
      const meta = datasets.get(dataset)
      checkMarks(meta, marks)
      const changes = marks.map(({ row, label }) => ({
        row,
        decision: { action: 'relabel' as const, label }
      }))
      const who = readerOf(connection, reader)
      return newsOf(context, meta, log.decide(meta.id, changes, summaryOf(meta, marks), who, revision))
    },
    unmark: async ({ dataset, rows, reader, revision }) => {
      const meta = datasets.get(dataset)
      const changes = rows.map((row) => ({ row, decision: null }))
      const summary = `trust ${rows.length === 1 ? `example ${rows[0]}` : `${rows.length} examples`} no longer`
      const who = readerOf(connection, reader)
      return newsOf(context, meta, log.decide(meta.id, changes, summary, who, revision))
    },
    undo: turn('undo'),
    redo: turn('redo'),
    useReference: async ({ dataset, reference, reader }) => {
      const meta = datasets.get(dataset)
      if (reference !== null) {
        requireAllowedReference(context, reference)
        // Refuse now what a run would refuse later.
        const selection = await resolveReference(datasets, reference)
        selection.close()
      }
      workspace.trust.setReference(meta.id, reference === null ? null : lastingReference(datasets, reference))
      const turns = log.turns(meta.id, readerOf(connection, reader))
      return newsOf(context, meta, { revision: log.revision(meta.id), touched: [], decisions: [], ...turns })
    }
  }
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
