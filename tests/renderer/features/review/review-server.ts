import { vi } from 'vitest'
import type { DecisionNews, StandingDecision } from '@shared/domain/decision'
import type { Failure } from '@shared/domain/failure'
import type { IssueTable, ReviewChange } from '@shared/domain/review'
import type { Reviewers } from '@shared/domain/reviewer'

/** Six examples of three classes, three of them flagged. */
export const table: IssueTable = {
  run: 'r',
  classNames: ['cat', 'dog', 'fox'],
  given: [0, 0, 1, 1, 0, 1],
  predicted: [0, 1, 1, 0, 2, 1],
  truth: null,
  flagged: [false, true, false, true, true, false],
  weight: [0.9, 0.1, 0.8, 0.4, 0.2, 0.95],
  combined: [0.9, 0.1, 0.8, 0.2, 0.4, 0.95],
  bilevel: [0.9, 0.1, 0.8, 0.1, 0.4, 0.95],
  trusted: [0.9, 0.1, 0.8, 0.1, 0.9, 0.95],
  crossValidated: null,
  files: ['a.png', 'b.png', 'c.png', 'd.png', 'e.png', 'f.png'],
  threshold: 0.5,
  isProbability: false,
  shape: [8, 8, 1]
}

/** What the run learned from. */
const SPEC = {
  task: 'denoising',
  trusted: false,
  pins: [{ source: 'pets', dataset: 'pets-1f', contentHash: '', corrections: null }]
}

/** With a new label, one that was confirmed, and examples that were left out on the dataset's pages. */
export const CONTINUATION = {
  task: 'denoising',
  startFrom: '/out',
  corrections: { 1: 1, 2: 1 },
  dropped: [4, 5]
}

const FACTS = {
  model: { width: 8, height: 8, channels: 1 },
  original: null,
  missing: null
}

/** Stands in for the workbench: acts with undo and redo, in memory, and one who looks on. */
export const server = {
  acts: [] as { changes: unknown; summary: string }[],
  undone: [] as { changes: unknown; summary: string }[],
  refusal: undefined as Error | undefined,
  created: [] as unknown[],
  /** How acts were signed. */
  sent: [] as { settles: boolean; by?: string; revision?: number }[],
  reviewers: { people: [], verdicts: [], disputed: [], agreement: [] } as Reviewers,
  revision: 0,
  vouched: [] as StandingDecision[],
  tellTrust: () => undefined as void,
  tell: (_news: unknown): void => undefined
}

/** As before anything was decided. */
export function resetServer(): void {
  Object.assign(server, { acts: [], undone: [], refusal: undefined, created: [], sent: [], revision: 0 })
  server.reviewers = { people: [], verdicts: [], disputed: [], agreement: [] }
}

/** What stands, as news of it. */
export function standing(touched: readonly number[] = []): DecisionNews {
  const decisions = new Map<number, StandingDecision>()
  for (const { changes } of server.acts) {
    for (const { row, decision } of changes as ReviewChange[]) {
      if (decision) decisions.set(row, { row, ...decision, by: 'anna', at: '2026-01-01T10:00:00.000Z' })
      else decisions.delete(row)
    }
  }
  return {
    revision: server.revision++,
    touched: [...touched],
    decisions: touched.flatMap((row) => decisions.get(row) ?? []),
    undo: server.acts.at(-1)?.summary ?? null,
    redo: server.undone.at(-1)?.summary ?? null
  }
}

function turn(from: typeof server.acts, to: typeof server.acts): DecisionNews {
  const act = from.pop()
  if (act) to.push(act)
  return standing((act?.changes as ReviewChange[] | undefined)?.map(({ row }) => row))
}

/** The API as far as a review asks it. */
const client = {
  runs: {
    get: async () => ({ record: { id: 'r', name: 'My run', spec: SPEC }, report: null, files: [] }),
    atlas: async () => new Blob(),
    pictureFacts: async () => FACTS,
    create: async (order: unknown) => {
      server.created.push(order)
      return { id: 'next' }
    }
  },
  system: { info: async () => ({ user: 'anna' }) },
  annotations: {
    place: async ({ row }: { row: number }) => ({ dataset: 'd', row: row + 100 }),
    watch: async function* () {
      yield { tags: [{ tag: 'odd', rows: [102] }], notes: [], questions: [] }
      await new Promise(() => undefined)
    },
    tag: async (change: unknown) => void server.created.push(change)
  },
  trust: {
    watch: async function* ({ dataset }: { dataset: string }) {
      if (dataset !== 'pets-1f') return
      for (;;) yield await new Promise((resolve) => (server.tellTrust = () => resolve({ isAll: true })))
    }
  },
  reviews: {
    vouched: async () => server.vouched,
    find: async () => [1, 2],
    issues: async () => table,
    watch: async function* () {
      yield { ...standing(), isAll: true }
      for (;;) yield await new Promise<unknown>((resolve) => (server.tell = resolve))
    },
    reviewers: async () => server.reviewers,
    decide: async (act: { changes: ReviewChange[]; summary: string; settles: boolean }) => {
      const { changes, summary, settles, ...who } = act
      server.sent.push({ settles, ...who })
      const { refusal } = server
      server.refusal = undefined
      if (refusal) throw refusal
      server.acts.push({ changes, summary })
      server.undone = []
      return standing(changes.map(({ row }) => row))
    },
    undo: async () => turn(server.acts, server.undone),
    redo: async () => turn(server.undone, server.acts),
    trajectory: async () => ({ weights: [0.5, 0.3, 0.1] }),
    neighbours: async () => ({ given: [{ row: 3, label: 0, distance: 1.5 }], suggested: [] }),
    continuation: async () => CONTINUATION
  }
}

/** What stands in for the room of the client. */
export async function reviewClient(): Promise<object> {
  return {
    failureOf: (error: unknown) => (error as Failure).toData(),
    ...(await vi.importActual<object>('@renderer/client/decisions')),
    bridge: () => undefined,
    keep: () => undefined,
    kept: () => undefined,
    ...(await vi.importActual<object>('@renderer/client/reviewer')),
    runPicture: () => ({ load: async () => new Blob(), facts: async () => FACTS }),
    client
  }
}
