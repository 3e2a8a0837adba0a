import { computed, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'
import { client } from '@renderer/client'
import { FEW_CLASSES } from '@renderer/ui/class-keys'
import type { IssueTable, ReviewDecision } from '@shared/domain/review'
import { ASKED, tellingExamples } from '@shared/domain/telling-examples'
import { gainTable, judgedExamples } from './expected-gain'
import type { GainTable } from './expected-gain'
import { useIssueSearch } from './issue-search'
import { disagreement, orderBy, progressOf, rankingsOf, rowsToShow, withVouched } from './ranking'
import type { ClassPair, Decisions, Ranking, Show } from './ranking'
import type { ReviewSession } from './review-session'

/** What lies on the desk of a review: which examples, in which order, and the one that is looked at. */
export function useReviewDesk(run: string, { table, decisions, vouched, reviewers }: ReviewSession) {
  const ranking = ref<Ranking>('combined')
  const show = ref<Show>('flagged')
  const pair = ref<ClassPair | null>(null)
  const position = ref(0)
  const { sought, found } = useIssueSearch(run, () => table.value)
  /** What a question asks for; null without one. */
  const answer = shallowRef<ReadonlySet<number> | null>(null)

  const rankings = computed(() => (table.value ? rankingsOf(table.value) : []))
  const order = computed(() => (table.value ? orderBy(table.value, ranking.value) : new Int32Array()))
  /** All that counts as decided, as the export counts it. */
  const shown = computed(() => reviewers.shown(decisions.value))
  const decided = computed(() => withVouched(shown.value, flaggedOf(table.value, vouched.value)))
  const { telling, asked } = useTelling(table, decided)
  const rows = computed(() => {
    if (!table.value) return new Int32Array()
    const listed =
      show.value === 'telling'
        ? telling.value
        : rowsToShow(table.value, order.value, show.value, pair.value, decided.value)
    const within = [found.value, answer.value, reviewers.among(show.value)].filter((rows) => rows != null)
    return within.length > 0 ? listed.filter((row) => within.every((rows) => rows.has(row))) : listed
  })
  const row = computed(() => rows.value[position.value])
  const scores = computed(() => {
    const issues = table.value
    if (!issues) return []
    if (ranking.value === 'disagreement') return issues.given.map((_, of) => disagreement(issues, of))
    return issues[ranking.value] ?? issues.combined
  })
  const scoreName = computed(() =>
    ranking.value === 'disagreement' ? 'disagreement' : `trust in the given label`
  )
  const progress = computed(() =>
    table.value ? progressOf(table.value, decided.value) : { flagged: 0, decided: 0 }
  )
  const gain = useGain({ table, decisions, vouched }, order, pair)
  const judged = computed(() => (table.value ? judgedExamples(table.value, decisions.value).length : 0))
  const scope = computed(() => JSON.stringify([ranking.value, pair.value]))

  const likely = useLikelyClasses(run, table, row)

  watch([ranking, show, pair, found, answer], () => (position.value = 0))
  watch(rows, ({ length }) => (position.value = Math.min(position.value, Math.max(0, length - 1))))

  function go(to: number): void {
    position.value = Math.min(Math.max(0, to), Math.max(0, rows.value.length - 1))
  }

  /** The next undecided example after this one, else from the beginning. */
  function goToUndecided(from = position.value + 1): void {
    for (let i = 0; i < rows.value.length; i++) {
      const at = (from + i) % rows.value.length
      if (!decided.value.has(rows.value[at]!)) return go(at)
    }
  }

  return {
    ranking,
    rankings,
    show,
    pair,
    position,
    sought,
    answer,
    shown,
    decided,
    rows,
    row,
    scores,
    scoreName,
    progress,
    gain,
    judged,
    scope,
    likely,
    asked,
    go,
    goToUndecided
  }
}

/** Marks on flagged examples count as decided, as the export counts them. */
function flaggedOf(table: IssueTable | undefined, marks: readonly ReviewDecision[]): ReviewDecision[] {
  return marks.filter(({ row }) => table?.flagged[row])
}

/** What taking many at once would bring: within a pair of classes where one is chosen. */
function useGain(
  { table, decisions, vouched }: Pick<ReviewSession, 'table' | 'decisions' | 'vouched'>,
  order: Readonly<Ref<Int32Array>>,
  pair: Readonly<Ref<ClassPair | null>>
): ComputedRef<GainTable | undefined> {
  return computed(() => {
    const issues = table.value
    if (!issues) return undefined
    const within = pair.value
    return gainTable(issues, order.value, decisions.value, {
      isCandidate: (of) =>
        !within || (issues.given[of] === within.given && issues.predicted[of] === within.suggested),
      vouched: new Set(vouched.value.map(({ row }) => row))
    })
  })
}

/** The most telling examples; they stay while they are judged: what was asked for does not move. */
function useTelling(table: ReviewSession['table'], decided: Readonly<Ref<Decisions>>) {
  const telling = computed(() =>
    table.value ? Int32Array.from(tellingExamples(table.value, ASKED)) : new Int32Array()
  )
  const asked = computed(() => ({
    count: telling.value.length,
    judged: telling.value.filter((of) => decided.value.has(of)).length
  }))
  return { telling, asked }
}

/** Where there are many classes: the suggestion, then those that the examples most alike have. */
function useLikelyClasses(
  run: string,
  table: ReviewSession['table'],
  row: Readonly<Ref<number | undefined>>
): Readonly<Ref<readonly number[]>> {
  const likely = shallowRef<readonly number[]>([])
  watch(row, async (of) => {
    const issues = table.value
    likely.value = []
    if (of === undefined || !issues || issues.classNames.length <= FEW_CLASSES) return
    const suggested = issues.predicted[of]!
    likely.value = [suggested]
    const others = await client.reviews.likely({ run, row: of }).catch(() => [])
    const isOffered = (label: number): boolean => label !== suggested && label !== issues.given[of]
    if (row.value === of) likely.value = [suggested, ...others.filter(isOffered)]
  })
  return likely
}
