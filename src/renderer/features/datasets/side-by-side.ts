import { isNameItsOwn, runLabel } from '@renderer/ui/run-labels'
import type { RunRecord } from '@shared/domain/run'
import { quotedValue } from '@shared/domain/where'

/** What two runs are compared by: their flags, or what people decided in their reviews. */
export type Compared = 'flagged' | 'reviewed'

/** A run as it is chosen and asked for. */
export interface ChosenRun {
  readonly id: string
  /** With its time, where several have the same name. */
  readonly label: string
  /** Its name, or its id where a name would mean another. */
  readonly asked: string
}

export type Sides = readonly { readonly text: string; readonly question: string; readonly examples: number }[]

/** Values of a question that name no run. */
const WORDS = ['yes', 'no', 'true', 'false']

/** How runs of one dataset are chosen and asked for. */
export function chosenRuns(found: readonly RunRecord[]): ChosenRun[] {
  return found.map((run) => {
    const { id, name } = run
    const isName =
      isNameItsOwn(run, found) &&
      !WORDS.includes(name.toLowerCase()) &&
      !found.some((other) => other.id === name)
    return { id, label: runLabel(run, found), asked: isName ? name : id }
  })
}

/** Both, only one, neither: how many, and the question that asks for them. */
export function sideBySide(
  what: Compared,
  [first, rows]: readonly [ChosenRun, readonly number[]],
  [second, others]: readonly [ChosenRun, readonly number[]],
  examples: number
): Sides {
  const among = new Set(others)
  const both = rows.filter((row) => among.has(row)).length
  const is = (run: ChosenRun): string => `${what} = ${quotedValue(run.asked)}`
  const [one, other] = [is(first), is(second)]
  return [
    { text: 'Both', question: `${one} and ${other}`, examples: both },
    { text: `Only ${first.label}`, question: `${one} and not ${other}`, examples: rows.length - both },
    { text: `Only ${second.label}`, question: `${other} and not ${one}`, examples: others.length - both },
    {
      text: 'Neither',
      question: `not ${one} and not ${other}`,
      examples: examples - rows.length - others.length + both
    }
  ]
}
