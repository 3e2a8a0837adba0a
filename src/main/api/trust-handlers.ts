import type { InferContractRouterInputs, InferContractRouterOutputs } from '@orpc/contract'
import type { trust } from '../../shared/contract/datasets'
import type { DatasetMeta } from '../../shared/domain/dataset'
import type { DecisionNews, DecisionStream } from '../../shared/domain/decision'
import type { TrustNews, TrustedMark } from '../../shared/domain/trusted-set'
import { checkMarks, damagedMarks, lastingReference, readTrust, resolveReference } from '../datasets'
import { requireAllowedReference } from './allowed-spec'
import type { ApiContext } from './context'
import { decisionStream } from './decision-stream'
import { readerOf } from './readers'

type Inputs = InferContractRouterInputs<typeof trust>
type Outputs = InferContractRouterOutputs<typeof trust>
type Handlers = { [K in keyof Omit<typeof trust, 'watch'>]: (input: Inputs[K]) => Promise<Outputs[K]> } & {
  watch(
    input: Inputs['watch'],
    signal?: AbortSignal
  ): AsyncGenerator<TrustNews & Pick<DecisionStream, 'isAll'>>
}

/** The procedures of the contract's `trust`. */
export function trustHandlers(context: ApiContext): Handlers {
  const { datasets, workspace, connection } = context
  const { log } = workspace.trust
  const turn =
    (side: 'undo' | 'redo') =>
    async ({ dataset, reader, leaveOthers }: Inputs['undo']): Promise<TrustNews> => {
      const meta = datasets.get(dataset)
      return told(context, meta, log[side](meta.id, readerOf(connection, reader), leaveOthers))
    }
  return {
    get: async ({ dataset, reader }) => {
      const meta = datasets.get(dataset)
      const { marks } = readTrust(datasets, meta)
      return {
        ...(await factsOf(context, meta)),
        marks: [...marks],
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
      return told(context, meta, log.decide(meta.id, changes, summaryOf(meta, marks), who, revision))
    },
    unmark: async ({ dataset, rows, reader, revision }) => {
      const meta = datasets.get(dataset)
      const changes = rows.map((row) => ({ row, decision: null }))
      const summary = `trust ${rows.length === 1 ? `example ${rows[0]}` : `${rows.length} examples`} no longer`
      const who = readerOf(connection, reader)
      return told(context, meta, log.decide(meta.id, changes, summary, who, revision))
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
      return told(context, meta, { revision: log.revision(meta.id), touched: [], decisions: [], ...turns })
    }
  }
}

async function told(context: ApiContext, meta: DatasetMeta, news: DecisionNews): Promise<TrustNews> {
  return { ...news, ...(await factsOf(context, meta)) }
}

/** What is trusted, counted by classes. */
async function factsOf(
  context: ApiContext,
  meta: DatasetMeta
): Promise<Pick<TrustNews, 'dataset' | 'reference' | 'classCounts'>> {
  const { reference } = readTrust(context.datasets, meta)
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
async function labelsIn({ datasets }: ApiContext, meta: DatasetMeta, reference: string): Promise<number[]> {
  const selection = await resolveReference(datasets, reference)
  try {
    const here = selection.classNames.map((name) => meta.classNames.indexOf(name))
    return Array.from(selection.labels, (label) => here[label]!).filter((label) => label >= 0)
  } finally {
    selection.close()
  }
}

function countCorrected({ datasets }: ApiContext, meta: DatasetMeta): number {
  const selection = datasets.open(meta.id)
  try {
    return [...selection.vouched].filter(([row, { label }]) => selection.givenLabels[row] !== label).length
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
