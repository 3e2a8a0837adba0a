import { offeredClasses } from '@renderer/ui/class-keys'
import { actionOf, isTakenBy } from '@renderer/ui/decision-keys'
import type { ReviewAction } from '@renderer/ui/decision-keys'
import type { ReviewChange } from '@shared/domain/review'
import type { useReviewDesk } from './review-desk'
import type { ReviewSession } from './review-session'
import { decisionWords } from './review-words'

/** What keys ask of the page around the desk. */
export interface ReviewPanels {
  toggleHelp(): void
  openClasses(): void
  /** @returns whether the key was one of the picture's */
  zoomKey(key: string): boolean
}

/** What a person does in a review, by button or by key. */
export function useReviewActs(
  session: ReviewSession,
  desk: ReturnType<typeof useReviewDesk>,
  panels: ReviewPanels
) {
  const { table } = session
  const { isUnseen } = session.reviewers
  const { position, shown, rows, row, likely, go, goToUndecided } = desk

  /** Decide the example in view and go on to the next undecided one. */
  function decide(decision: ReviewChange['decision']): void {
    const issues = table.value
    const chosen = row.value
    if (!issues || chosen === undefined) return
    // What others decided unseen is not taken back.
    if (!decision && isUnseen.value && !shown.value.has(chosen)) return
    const name = issues.files?.[chosen] ?? `example ${chosen}`
    const words = decision ? decisionWords(decision, issues.classNames) : 'take back the decision on'
    void session.decide([{ row: chosen, decision }], `${words}: ${name}`)
    // Where the list shows undecided examples only, the next one has moved up into this place.
    if (decision) goToUndecided(row.value === chosen ? position.value + 1 : position.value)
  }

  function relabel(label: number): void {
    const isGiven = label === table.value?.given[row.value ?? -1]
    decide(isGiven ? { action: 'keep' } : { action: 'relabel', label })
  }

  function accept(): void {
    if (table.value && row.value !== undefined) relabel(table.value.predicted[row.value]!)
  }

  /** Undo or redo, and show what changed. */
  async function turn(act: () => Promise<readonly number[]>): Promise<void> {
    const touched = new Set(await act())
    if (touched.size === 0) return
    const at = rows.value.findIndex((of) => touched.has(of))
    if (at >= 0) go(at)
  }

  const acts: Readonly<Record<string, () => void>> = {
    keep: () => decide({ action: 'keep' }),
    drop: () => decide({ action: 'drop' }),
    accept,
    clear: () => decide(null),
    undo: () => void turn(session.undo),
    redo: () => void turn(session.redo),
    help: panels.toggleHelp,
    choose: panels.openClasses,
    first: () => go(0),
    last: () => go(rows.value.length - 1),
    'next-undecided': () => goToUndecided()
  }

  function perform(action: ReviewAction): void {
    if (action.type === 'relabel') relabel(action.label)
    else if (action.type === 'move') go(position.value + action.by)
    else acts[action.type]?.()
  }

  function onKey(event: KeyboardEvent): void {
    if (!table.value || isTakenBy(document.activeElement, event)) return
    if (!event.ctrlKey && !event.metaKey && panels.zoomKey(event.key)) return event.preventDefault()
    const action = actionOf(event, offeredClasses(table.value.classNames, likely.value))
    if (!action) return
    event.preventDefault()
    perform(action)
  }

  return { decide, relabel, accept, perform, onKey }
}
