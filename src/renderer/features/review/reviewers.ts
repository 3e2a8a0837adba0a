import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { bridge, client, keep, kept, reviewer } from '@renderer/client'
import * as z from 'zod'
import type { DecisionNews, StandingDecision } from '@shared/domain/decision'
import type { Reviewers, Verdict } from '@shared/domain/reviewer'
import type { Decisions, Show } from './ranking'

/** After news, milliseconds: what comes at once is asked for once. */
const PAUSE = 300
const UNSEEN = 'review unseen'
const NOBODY: Reviewers = { people: [], verdicts: [], disputed: [], agreement: [] }

/** What was done with parts, and what takes it back. */
export interface PartChange {
  readonly words: string
  undo(): Promise<void>
}

/** Who reviews a run beside this browser, and what of it is shown. */
export type RunReviewers = ReturnType<typeof useReviewers>

/** Who reviews a run, what each said, and whether what others decided is hidden while one judges. */
export function useReviewers(run: string) {
  const known = shallowRef<Reviewers>(NOBODY)
  /** Who started the workbench: decisions bear this name where nobody gave one. */
  const user = ref('')
  const me = computed(() => reviewer.value || user.value)
  /** Whoever had not said their name when they came is asked in sight, before they decide; it stays there once answered. */
  const isAsked = reviewer.value === null && !bridge()
  /** The last change of parts made here, which can be undone. */
  const partChange = shallowRef<PartChange>()
  const isUnseen = ref(kept(UNSEEN, z.boolean()) ?? false)
  watch(isUnseen, (now) => keep(UNSEEN, now))
  const others = computed(() => known.value.people.filter(({ name }) => name !== me.value))
  const disputed = computed<ReadonlySet<number>>(() => new Set(known.value.disputed))
  const part = computed<ReadonlySet<number>>(
    () => new Set(known.value.people.find(({ name }) => name === me.value)?.assigned)
  )
  /** Whether there is anybody else, or a part of one's own. */
  const isShared = computed(() => others.value.length > 0 || part.value.size > 0)
  const verdicts = computed(() => {
    const byRow = new Map<number, Verdict[]>()
    for (const verdict of known.value.verdicts)
      byRow.set(verdict.row, [...(byRow.get(verdict.row) ?? []), verdict])
    return byRow
  })
  let timer: ReturnType<typeof setTimeout> | undefined
  onScopeDispose(() => clearTimeout(timer))

  async function refresh(): Promise<void> {
    // What cannot be told now is told with the next news.
    known.value = await client.reviews.reviewers({ run }).catch(() => known.value)
  }

  async function load(): Promise<void> {
    const info = client.system.info().catch(() => undefined)
    await refresh()
    user.value = (await info)?.user ?? ''
  }

  /** One who reviews alone need not ask after every decision. */
  function hear({ touched, decisions }: DecisionNews): void {
    const isOthers = decisions.some(({ by }) => by !== me.value) || touched.length > decisions.length
    if (others.value.length === 0 && part.value.size === 0 && touched.length > 0 && !isOthers) return
    clearTimeout(timer)
    timer = setTimeout(() => void refresh(), PAUSE)
  }

  /** What is shown as decided: all that stands, or only what one said oneself. */
  function shown(standing: Decisions): Decisions {
    if (!isUnseen.value) return standing
    const own = (by: string): boolean => by === me.value || by === ''
    const mine = new Map<number, StandingDecision>([...standing].filter(([, { by }]) => own(by)))
    for (const verdict of known.value.verdicts)
      if (verdict.by === me.value && !mine.has(verdict.row))
        mine.set(verdict.row, { ...verdict, judged: true })
    return mine
  }

  /** The rows that such a list is of; null: whichever. */
  function among(show: Show): ReadonlySet<number> | null {
    if (show === 'part') return part.value
    return show === 'disputed' ? disputed.value : null
  }

  return {
    known,
    user,
    me,
    isAsked,
    others,
    disputed,
    part,
    verdicts,
    isUnseen,
    isShared,
    partChange,
    load,
    hear,
    shown,
    among
  }
}
