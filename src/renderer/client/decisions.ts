import { computed, onScopeDispose, readonly, ref, shallowRef } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import type {
  ConflictData,
  DecisionNews,
  DecisionStream,
  NewDecision,
  StandingDecision,
  Touched
} from '@shared/domain/decision'
import type { FailureData } from '@shared/domain/failure'
import { failureOf, isAnswer } from './failure'

/** Changes of one act, as they are sent. */
export type Changes = readonly { readonly row: number; readonly decision: NewDecision | null }[]

/** What decisions are made through. */
export interface DecisionSource<News extends DecisionNews> {
  watch(
    who: { reader: string },
    signal: AbortSignal
  ): Promise<AsyncIterable<News & Pick<DecisionStream, 'isAll'>>>
  decide(changes: Changes, summary: string, who: { reader: string; revision?: number }): Promise<News>
  turn(side: 'undo' | 'redo', who: { reader: string; leaveOthers: boolean }): Promise<News>
  /** Whatever else the news say. */
  onNews?(news: News): void
}

/** An act that was refused because of what somebody else decided, and what can be done about it. */
export interface RefusedAct {
  readonly failure: FailureData
  /** What stands on the rows in question. */
  readonly standing: Touched
  /** Decide all the same; absent where that is no choice. */
  readonly overwrite?: () => Promise<readonly number[]>
  /** Do the rest of it, and leave alone what the other decided; absent where there is no rest. */
  readonly rest?: () => Promise<readonly number[]>
  /** Leave it. */
  readonly dismiss: () => void
}

export interface Decisions {
  /** By row. One on its way to the disk has no author yet: by and at are empty. */
  readonly decisions: Readonly<ShallowRef<ReadonlyMap<number, StandingDecision>>>
  /** What undo would take back; null when there is nothing. */
  readonly undoable: ComputedRef<string | null>
  readonly redoable: ComputedRef<string | null>
  readonly failure: ShallowRef<FailureData | undefined>
  readonly refused: Readonly<ShallowRef<RefusedAct | undefined>>
  /** Acts that are on their way to the disk. */
  readonly saving: Readonly<Ref<number>>
  /** Look on until the caller's scope ends. @returns once all that stands is known, or has failed to be */
  follow(): Promise<void>
  decide(changes: Changes, summary: string): Promise<void>
  /** The rows that it changed. */
  undo(): Promise<readonly number[]>
  redo(): Promise<readonly number[]>
}

/** This window or tab, as long as it is open: undo takes back what was decided here. */
const READER = `window ${Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join('')}`
/** After a stream was lost, over a connection that may come back. */
const AGAIN_MS = 500

/**
 * Decisions of one subject as they stand, whoever makes them. One made here shows at once and is saved behind it;
 * acts are sent one after the other, in the order in which they were made. One that is refused is taken back.
 */
export function useDecisions<News extends DecisionNews>(source: DecisionSource<News>): Decisions {
  const standing = new Map<number, StandingDecision>()
  /** Which revision a row is known by: an answer that was overtaken by later news is no news. */
  const known = new Map<number, number>()
  const pending: Changes[] = []
  const decisions = shallowRef<ReadonlyMap<number, StandingDecision>>(new Map())
  const turns = shallowRef<Pick<DecisionNews, 'undo' | 'redo'>>({ undo: null, redo: null })
  const failure = shallowRef<FailureData>()
  const refused = shallowRef<RefusedAct>()
  const saving = ref(0)
  const leaving = new AbortController()
  let seen = 0
  let queue: Promise<unknown> = Promise.resolve()
  onScopeDispose(() => leaving.abort())

  function show(): void {
    const shown = new Map(standing)
    for (const changes of pending) {
      for (const { row, decision } of changes) {
        if (decision)
          shown.set(row, {
            row,
            ...decision,
            by: '',
            at: '',
            ...(changes.length === 1 ? { judged: true } : {})
          })
        else shown.delete(row)
      }
    }
    decisions.value = shown
  }

  function take(news: Touched, revision: number): void {
    const now = new Map(news.decisions.map((decision) => [decision.row, decision]))
    for (const row of news.touched) {
      if ((known.get(row) ?? 0) > revision) continue
      known.set(row, revision)
      const decision = now.get(row)
      if (decision) standing.set(row, decision)
      else standing.delete(row)
    }
  }

  function hear(news: News): void {
    take(news, news.revision)
    turns.value = { undo: news.undo, redo: news.redo }
    source.onNews?.(news)
  }

  async function follow(): Promise<void> {
    await new Promise<void>((resolve) => void look(resolve))
  }

  async function look(isKnown: () => void): Promise<void> {
    while (!leaving.signal.aborted) {
      try {
        for await (const news of await source.watch({ reader: READER }, leaving.signal)) {
          hear(news)
          if (!news.isAll) continue
          seen = news.revision
          show()
          isKnown()
        }
      } catch (error) {
        if (leaving.signal.aborted) return
        if (isAnswer(error)) {
          failure.value = failureOf(error)
          return isKnown()
        }
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    }
  }

  /** @param onConflict what can be done when somebody else has decided meanwhile */
  function send(
    act: () => Promise<News>,
    onConflict: (data: ConflictData) => Pick<RefusedAct, 'overwrite' | 'rest'>,
    settled: () => void = () => undefined
  ): Promise<readonly number[]> {
    saving.value++
    const sent = queue.then(async () => {
      try {
        const news = await act()
        settled()
        failure.value = undefined
        hear(news)
        show()
        return news.touched
      } catch (error) {
        settled()
        const data: ConflictData = failureOf(error)
        if (data.standing) {
          const dismiss = (): void => void (refused.value = undefined)
          refused.value = { failure: data, standing: data.standing, ...onConflict(data), dismiss }
        } else failure.value = data
        show()
        return []
      } finally {
        saving.value--
      }
    })
    queue = sent
    return sent
  }

  function decide(changes: Changes, summary: string, revision?: number): Promise<readonly number[]> {
    refused.value = undefined
    pending.push(changes)
    show()
    return send(
      () => source.decide(changes, summary, { reader: READER, revision: revision ?? seen }),
      ({ standing: now }) => {
        const theirs = new Set(now?.touched)
        const rest = changes.filter(({ row }) => !theirs.has(row))
        return {
          overwrite: () => decide(changes, summary, now?.revision),
          ...(rest.length > 0 ? { rest: () => decide(rest, summary) } : {})
        }
      },
      () => void pending.splice(pending.indexOf(changes), 1)
    )
  }

  function turn(side: 'undo' | 'redo', leaveOthers = false): Promise<readonly number[]> {
    refused.value = undefined
    return send(
      () => source.turn(side, { reader: READER, leaveOthers }),
      () => ({ rest: () => turn(side, true) })
    )
  }

  return {
    decisions,
    undoable: computed(() => turns.value.undo),
    redoable: computed(() => turns.value.redo),
    failure,
    refused,
    saving: readonly(saving),
    follow,
    decide: async (changes, summary) => void (await decide(changes, summary)),
    undo: () => turn('undo'),
    redo: () => turn('redo')
  }
}
