import { readonly, ref, shallowRef } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import type { ConflictData, DecisionNews, Touched } from '@shared/domain/decision'
import type { FailureData } from '@shared/domain/failure'
import { failureOf } from './failure'

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

export interface Act<News> {
  send(): Promise<News>
  /** What can be done when somebody else has decided meanwhile. */
  onConflict(data: ConflictData): Pick<RefusedAct, 'overwrite' | 'rest'>
  /** It has been answered, whatever the answer was. */
  settled?(): void
}

export interface ActQueue<News> {
  readonly failure: ShallowRef<FailureData | undefined>
  readonly refused: ShallowRef<RefusedAct | undefined>
  /** Acts that are on their way to the disk. */
  readonly saving: Readonly<Ref<number>>
  /** @returns the rows that it changed */
  send(act: Act<News>): Promise<readonly number[]>
}

/**
 * Acts are sent one after the other, in the order in which they were made.
 * @param onAnswer what an act became, undefined where it was refused
 */
export function useActQueue<News extends DecisionNews>(
  onAnswer: (news: News | undefined) => void
): ActQueue<News> {
  const failure = shallowRef<FailureData>()
  const refused = shallowRef<RefusedAct>()
  const saving = ref(0)
  let queue: Promise<unknown> = Promise.resolve()

  async function answer(act: Act<News>): Promise<readonly number[]> {
    try {
      const news = await act.send()
      act.settled?.()
      failure.value = undefined
      onAnswer(news)
      return news.touched
    } catch (error) {
      act.settled?.()
      const data: ConflictData = failureOf(error)
      if (data.standing) {
        const dismiss = (): void => void (refused.value = undefined)
        refused.value = { failure: data, standing: data.standing, ...act.onConflict(data), dismiss }
      } else failure.value = data
      onAnswer(undefined)
      return []
    } finally {
      saving.value--
    }
  }

  function send(act: Act<News>): Promise<readonly number[]> {
    saving.value++
    refused.value = undefined
    const sent = queue.then(() => answer(act))
    queue = sent
    return sent
  }

  return { failure, refused, saving: readonly(saving), send }
}
