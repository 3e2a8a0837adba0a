import { computed, onScopeDispose, shallowRef } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import type { DecisionNews, DecisionStream, StandingDecision } from '@shared/domain/decision'
import type { FailureData } from '@shared/domain/failure'
import { failureOf, isAnswer } from './failure'
import { useActQueue } from './act-queue'
import type { RefusedAct } from './act-queue'
import { signed } from './reviewer'
import { StandingRows } from './standing-rows'
import type { Changes } from './standing-rows'

export type { RefusedAct } from './act-queue'
export type { Changes } from './standing-rows'

/** Which window it is, and who sits there, where a name was given. */
export interface Who {
  readonly reader: string
  readonly by?: string
}

/** What decisions are made through. */
export interface DecisionSource<News extends DecisionNews> {
  watch(who: Who, signal: AbortSignal): Promise<AsyncIterable<News & Pick<DecisionStream, 'isAll'>>>
  decide(changes: Changes, summary: string, who: Who & { revision?: number }): Promise<News>
  turn(side: 'undo' | 'redo', who: Who & { leaveOthers: boolean }): Promise<News>
  /** Whatever else the news say. */
  onNews?(news: News): void
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
const who = (): Who => ({ reader: READER, ...signed() })
/** After a stream was lost, over a connection that may come back. */
const AGAIN_MS = 500

/**
 * Decisions of one subject as they stand, whoever makes them. One made here shows at once and is saved behind it;
 * acts are sent one after the other, in the order in which they were made. One that is refused is taken back.
 */
export function useDecisions<News extends DecisionNews>(source: DecisionSource<News>): Decisions {
  const rows = new StandingRows()
  const decisions = shallowRef<ReadonlyMap<number, StandingDecision>>(new Map())
  const turns = shallowRef<Pick<DecisionNews, 'undo' | 'redo'>>({ undo: null, redo: null })
  const leaving = new AbortController()
  let seen = 0
  onScopeDispose(() => leaving.abort())

  function show(): void {
    decisions.value = rows.shown()
  }

  function hear(news: News): void {
    rows.take(news, news.revision)
    turns.value = { undo: news.undo, redo: news.redo }
    source.onNews?.(news)
  }

  function follow(): Promise<void> {
    return new Promise((resolve) => {
      const onNews = (news: News, isAll: boolean): void => {
        hear(news)
        if (!isAll) return
        seen = news.revision
        show()
        resolve()
      }
      void look(source, leaving.signal, onNews).then((reason) => {
        failure.value = reason ?? failure.value
        resolve()
      })
    })
  }

  const { failure, refused, saving, send } = useActQueue<News>((news) => {
    if (news) hear(news)
    show()
  })

  function decide(changes: Changes, summary: string, revision?: number): Promise<readonly number[]> {
    rows.await(changes)
    show()
    return send({
      send: () => source.decide(changes, summary, { ...who(), revision: revision ?? seen }),
      onConflict: ({ standing }) => {
        const theirs = new Set(standing?.touched)
        const rest = changes.filter(({ row }) => !theirs.has(row))
        return {
          overwrite: () => decide(changes, summary, standing?.revision),
          ...(rest.length > 0 ? { rest: () => decide(rest, summary) } : {})
        }
      },
      settled: () => rows.settle(changes)
    })
  }

  function turn(side: 'undo' | 'redo', leaveOthers = false): Promise<readonly number[]> {
    return send({
      send: () => source.turn(side, { ...who(), leaveOthers }),
      onConflict: () => ({ rest: () => turn(side, true) })
    })
  }

  return {
    decisions,
    undoable: computed(() => turns.value.undo),
    redoable: computed(() => turns.value.redo),
    failure,
    refused,
    saving,
    follow,
    decide: async (changes, summary) => void (await decide(changes, summary)),
    undo: () => turn('undo'),
    redo: () => turn('redo')
  }
}

/**
 * Look on at what is decided elsewhere, without deciding anything, until the caller's scope ends.
 * @returns begins to look at one more subject
 */
export function useOnlooker(): <News extends DecisionNews>(
  watch: DecisionSource<News>['watch'],
  onNews: () => void
) => void {
  const leaving = new AbortController()
  onScopeDispose(() => leaving.abort())
  return (watch, onNews) => void look({ watch }, leaving.signal, onNews)
}

/**
 * News until looking ends, over every lost connection.
 * @param onNews whether this news completes what stands
 * @returns why there are none, where the workbench answered so
 */
async function look<News extends DecisionNews>(
  source: Pick<DecisionSource<News>, 'watch'>,
  signal: AbortSignal,
  onNews: (news: News, isAll: boolean) => void
): Promise<FailureData | undefined> {
  while (!signal.aborted) {
    try {
      for await (const news of await source.watch(who(), signal)) onNews(news, news.isAll)
    } catch (error) {
      if (signal.aborted) return undefined
      if (isAnswer(error)) return failureOf(error)
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
  }
  return undefined
}
